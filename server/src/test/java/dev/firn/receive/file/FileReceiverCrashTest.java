package dev.firn.receive.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.base.Forall;
import dev.firn.base.OwnMetrics;
import dev.firn.base.PowerLossDisk;
import dev.firn.config.OtlpJsonFileReceiverConfig;
import dev.firn.model.Batch;
import dev.firn.model.Cut;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.receive.DecodingReceiver;
import dev.firn.receive.ReceiveLimits;
import dev.firn.receive.SeriesCache;
import dev.firn.wal.Wal;
import dev.firn.wal.WalOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// Kills and power losses at any moment, over many processes, while a file is written and rotated:
/// at the end every line's points are in the log once.
class FileReceiverCrashTest {
    private static final Path DATA = Path.of("/data");

    /// A file, and the processes that read it.
    private static final class Life {
        private final Random random;
        private final Path folder;
        private final AtomicLong offset = new AtomicLong();
        private final Clock clock =
                new Clock() {
                    @Override
                    public long nanos() {
                        return Clock.system().nanos() + offset.get();
                    }

                    @Override
                    public long ticks() {
                        return Clock.system().ticks() + offset.get();
                    }
                };
        private final TreeMap<Long, List<Long>> cuts = new TreeMap<>();
        private PowerLossDisk disk = new PowerLossDisk(DATA);
        private long written;
        private int rotations;

        private Life(Random random, Path folder) {
            this.random = random;
            this.folder = folder;
        }

        private Path file() {
            return folder.resolve("m.jsonl");
        }

        private void write(int lines) throws Exception {
            var text = new StringBuilder();
            for (int i = 0; i < lines; i++) {
                text.append(
                                "{\"resourceMetrics\":[{\"scopeMetrics\":[{\"metrics\":[{\"name\":\"n\",")
                        .append("\"gauge\":{\"dataPoints\":[{\"timeUnixNano\":\"")
                        .append(1_760_000_000_000_000_000L)
                        .append("\",\"asInt\":\"")
                        .append(++written)
                        .append("\"}]}}]}]}]}\n");
            }
            Files.writeString(file(), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }

        private void rotate() throws Exception {
            if (Files.exists(file())) {
                Files.move(file(), folder.resolve("m-" + ++rotations + ".jsonl"));
            }
        }

        private OtlpJsonFileReceiver receiver(
                Wal wal, SeriesRegistry registry, OwnMetrics metrics) {
            var decoding =
                    new DecodingReceiver(
                            wal,
                            new SeriesCache(random, 1 << 20),
                            registry,
                            ReceiveLimits.defaults(),
                            clock,
                            metrics);
            var config =
                    new OtlpJsonFileReceiverConfig(
                            List.of(folder + "/m*.jsonl"),
                            List.of(),
                            true,
                            1_000_000,
                            1_000,
                            1 << 20,
                            100);
            return new OtlpJsonFileReceiver(
                    "otlpjsonfile",
                    config,
                    DATA,
                    decoding,
                    wal::answeredUpTo,
                    disk,
                    random,
                    metrics,
                    clock);
        }

        /// One process, that lasts until `wanted` lines are in the log, or is killed before.
        private void process(long wanted) throws Exception {
            var registry = new SeriesRegistry(SeriesIdentity.SHA_256, clock, 1_000);
            var metrics = new OwnMetrics();
            boolean dies = wanted < 0;
            try (Wal wal =
                    Wal.open(
                            DATA,
                            disk,
                            clock,
                            random,
                            registry,
                            metrics,
                            WalOptions.of("lake")
                                    .withSizes(2 << 10, 1L << 30, 0)
                                    .withCuts(1, 1 << 20, 1_000))) {
                OtlpJsonFileReceiver receiver = receiver(wal, registry, metrics);
                if (dies) {
                    act(wal);
                    PowerLossDisk dead = disk;
                    disk = random.nextBoolean() ? dead.afterKill() : dead.crash(random);
                } else {
                    long end = System.nanoTime() + 30_000_000_000L;
                    while (values().size() < wanted && System.nanoTime() - end < 0) {
                        wal.cutNow();
                        readCuts(wal, random.nextBoolean());
                        LockSupport.parkNanos(5_000_000);
                    }
                    for (int i = 0; i < 10; i++) { // for what must not come
                        wal.cutNow();
                        readCuts(wal, false);
                        LockSupport.parkNanos(5_000_000);
                    }
                }
                receiver.close();
            }
        }

        private void act(Wal wal) throws Exception {
            for (int step = 0; step < 1 + random.nextInt(8); step++) {
                switch (random.nextInt(5)) {
                    case 0 -> rotate();
                    case 1 -> readCuts(wal, true);
                    case 2 -> offset.addAndGet(random.nextInt(3) * 1_100_000_000L);
                    default -> write(random.nextInt(30));
                }
                LockSupport.parkNanos(random.nextInt(15) * 1_000_000L);
            }
            if (random.nextInt(3) == 0) {
                disk.dieAtNextForce(random.nextBoolean());
                write(5);
                LockSupport.parkNanos(10_000_000);
            }
        }

        private void readCuts(Wal wal, boolean release) throws Exception {
            long last = wal.newest();
            for (long at = cuts.isEmpty() ? 0 : cuts.lastKey(); at < last; ) {
                Cut cut = wal.next(at, 1_000);
                if (cut == null) {
                    return;
                }
                var values = new ArrayList<Long>();
                cut.read((Batch batch) ->
                        LongStream.range(0, batch.numbers.size())
                                .forEach(row -> values.add(batch.numbers.bits[(int) row])));
                cuts.put(cut.sequence(), values);
                at = cut.sequence();
            }
            if (release) {
                wal.release("lake", last);
            }
        }

        private List<Long> values() {
            return cuts.values().stream().flatMap(List::stream).sorted().toList();
        }
    }

    @Test
    void everyLineIsInTheLogOnceWheneverTheProcessDies() {
        Forall.of(
                15,
                21,
                random -> {
                    Path folder = Files.createTempDirectory("lines");
                    var life = new Life(random, folder);
                    try {
                        for (int process = 0; process < 8; process++) {
                            life.process(-1);
                            // longer than the log remembers requests
                            life.offset.addAndGet(random.nextInt(2) * 3_600_000_000_000L);
                        }
                        life.write(1);
                        life.process(life.written);
                        List<Long> found = life.values();
                        var twice = new ArrayList<>(found);
                        LongStream.rangeClosed(1, life.written).forEach(twice::remove);
                        assertThat(twice).as("lines that are there twice").isEmpty();
                        assertThat(found)
                                .as("lines")
                                .containsAll(
                                        LongStream.rangeClosed(1, life.written).boxed().toList());
                    } finally {
                        try (var files = Files.list(folder)) {
                            for (Path one : files.toList()) {
                                Files.delete(one);
                            }
                        }
                        Files.delete(folder);
                    }
                });
    }
}

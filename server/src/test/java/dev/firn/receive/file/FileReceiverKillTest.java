package dev.firn.receive.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.base.NioDisk;
import dev.firn.base.OwnMetrics;
import dev.firn.config.OtlpJsonFileReceiverConfig;
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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Real processes that read a growing file are killed with SIGKILL; the log then has every line
/// once.
class FileReceiverKillTest {
    private static final int KILLS = 4;

    private static final OwnMetrics METRICS = new OwnMetrics();
    private static final SeriesRegistry REGISTRY =
            new SeriesRegistry(SeriesIdentity.SHA_256, Clock.system(), 1_000);

    @TempDir Path folder;
    private long written;

    /// The process that is killed: reads `folder` into a log until then.
    public static void main(String[] arguments) {
        Path folder = Path.of(arguments[0]);
        Wal wal = open(folder);
        receiver(folder, wal);
        System.out.println("reads");
        LockSupport.parkNanos(Long.MAX_VALUE);
    }

    private static Wal open(Path folder) {
        return Wal.open(
                folder.resolve("data"),
                new NioDisk(),
                Clock.system(),
                new Random(),
                REGISTRY,
                METRICS,
                WalOptions.of("lake").withSizes(64 << 10, 1L << 30, 0));
    }

    private static OtlpJsonFileReceiver receiver(Path folder, Wal wal) {
        var decoding =
                new DecodingReceiver(
                        wal,
                        new SeriesCache(new Random(1), 1 << 20),
                        REGISTRY,
                        ReceiveLimits.defaults(),
                        Clock.system(),
                        METRICS);
        return new OtlpJsonFileReceiver(
                "otlpjsonfile",
                new OtlpJsonFileReceiverConfig(
                        List.of(folder + "/m*.jsonl"),
                        List.of(),
                        true,
                        1_000_000,
                        1_000,
                        1 << 20,
                        100),
                folder.resolve("data"),
                decoding,
                wal::answeredUpTo,
                new NioDisk(),
                new Random(),
                METRICS,
                Clock.system());
    }

    private void write(int lines) throws Exception {
        var text = new StringBuilder();
        for (int i = 0; i < lines; i++) {
            text.append("{\"resourceMetrics\":[{\"scopeMetrics\":[{\"metrics\":[{\"name\":\"n\",")
                    .append("\"gauge\":{\"dataPoints\":[{\"timeUnixNano\":\"1760000000000000000\",")
                    .append("\"asInt\":\"")
                    .append(++written)
                    .append("\"}]}}]}]}]}\n");
        }
        Files.writeString(
                folder.resolve("m.jsonl"),
                text,
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    @Test
    void everyLineIsInTheLogOnceAfterKills() throws Exception {
        var random = new Random(9);
        for (int kill = 0; kill < KILLS; kill++) {
            write(400); // more than is read before the kill
            Process process = start();
            try {
                assertThat(process.inputReader(UTF_8).readLine()).isEqualTo("reads");
                LockSupport.parkNanos(random.nextInt(200) * 1_000_000L);
            } finally {
                process.destroyForcibly().waitFor(30, TimeUnit.SECONDS);
            }
            if (kill % 2 == 0) {
                Files.move(folder.resolve("m.jsonl"), folder.resolve("m-" + kill + ".jsonl"));
            }
        }
        assertThat(readAll()).isEqualTo(LongStream.rangeClosed(1, written).boxed().toList());
    }

    private Process start() throws Exception {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        FileReceiverKillTest.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /// Values of all points, once this process has read what was left.
    private List<Long> readAll() throws Exception {
        var values = new ArrayList<Long>();
        try (Wal wal = open(folder);
                OtlpJsonFileReceiver _ = receiver(folder, wal)) {
            long end = System.nanoTime() + 60_000_000_000L;
            long at = 0;
            while (values.size() < written && System.nanoTime() - end < 0) {
                Cut cut = wal.next(at, 100);
                if (cut != null) {
                    at = cut.sequence();
                    cut.read(batch -> {
                        for (int row = 0; row < batch.numbers.size(); row++) {
                            values.add(batch.numbers.bits[row]);
                        }
                    });
                }
            }
        }
        values.sort(null);
        return values;
    }
}

package dev.firn.wal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Forall;
import dev.firn.base.PowerLossDisk;
import dev.firn.model.Batch;
import dev.firn.model.CheckpointStore.Checkpoint;
import dev.firn.model.Cut;
import dev.firn.model.Intake.Overloaded;
import dev.firn.model.Numbers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// Random schedules of appends, cuts, releases, disk errors, kills and power losses. What must hold
/// after each: every acknowledged batch is in exactly one cut, no batch is there in part, and a cut
/// that a sink has once seen never changes.
final class WalCrashTest {
    private record Seen(long digest, List<List<String>> batches) {}

    /// One writer's life over many processes.
    private static final class Life {
        final ManualClock clock = new ManualClock();
        final Random random;
        final Map<Long, List<String>> sent = new ConcurrentHashMap<>();
        final Set<Long> acknowledged = ConcurrentHashMap.newKeySet();
        final AtomicLong ids = new AtomicLong();
        final Map<Long, Seen> seen = new HashMap<>();
        final Map<Long, Long> cutOf = new HashMap<>();
        PowerLossDisk disk = new PowerLossDisk(WalHarness.DATA);
        long released;

        Life(Random random) {
            this.random = random;
        }

        void process(boolean errors) throws Exception {
            disk.failForces(0);
            disk.failWrites(0);
            WalHarness log =
                    new WalHarness(disk, clock, random.nextLong(), WalHarness.small("lake"));
            try {
                readAll(log);
                everythingAcknowledgedIsThere(log);
                retryWhatFailed(log);
                work(log, errors);
                if (random.nextInt(4) == 0) {
                    log.close();
                }
            } finally {
                disk = random.nextInt(3) == 0 ? disk.afterKill() : disk.crash(random);
                log.close();
            }
        }

        private void work(WalHarness log, boolean errors) throws Exception {
            for (int step = random.nextInt(12); step > 0; step--) {
                if (errors && random.nextInt(3) == 0) {
                    disk.failForces(random.nextInt(3));
                    disk.failWrites(random.nextInt(2));
                }
                clock.advanceMillis(1500);
                appendTogether(log, 1 + random.nextInt(4));
                if (random.nextBoolean()) {
                    cut(log);
                }
                if (random.nextInt(3) == 0) {
                    readAll(log);
                    release(log);
                }
            }
            if (random.nextBoolean()) {
                Thread late = Thread.startVirtualThread(() -> append(log, ids.incrementAndGet()));
                if (random.nextBoolean()) {
                    disk.dieAtNextForce(random.nextBoolean());
                    late.join();
                }
                disk = random.nextBoolean() ? disk.afterKill() : disk.crash(random);
                late.join();
            }
        }

        private void appendTogether(WalHarness log, int count) throws InterruptedException {
            var threads = new ArrayList<Thread>();
            for (int i = 0; i < count; i++) {
                long id = ids.incrementAndGet();
                threads.add(Thread.startVirtualThread(() -> append(log, id)));
            }
            for (Thread one : threads) {
                one.join();
            }
        }

        private void append(WalHarness log, long id) {
            var batch = new Batch();
            new RandomBatches(new Random(id), log.registry, 30).fill(batch, 12);
            batch.numbers.add(
                    new RandomBatches(new Random(id), log.registry, 3)
                            .series(dev.firn.model.MetricType.GAUGE),
                    id,
                    0,
                    0,
                    Numbers.INT,
                    id);
            sent.put(id, RandomBatches.lines(batch));
            try {
                log.append(id, batch);
                acknowledged.add(id);
            } catch (Overloaded e) {
                // the sender comes again
            }
        }

        private void retryWhatFailed(WalHarness log) throws InterruptedException {
            for (long id : List.copyOf(sent.keySet())) {
                if (!acknowledged.contains(id)) {
                    append(log, id);
                    assertThat(acknowledged).contains(id);
                }
            }
        }

        private static void cut(WalHarness log) {
            try {
                log.wal.cutNow();
            } catch (dev.firn.base.WorldException e) {
                assertThat(e).hasMessageContaining("cannot end the open cut");
            }
        }

        private void release(WalHarness log) {
            long newest = log.wal.newest();
            if (newest > released && random.nextBoolean()) {
                long to = released + 1 + random.nextLong(newest - released);
                try {
                    log.wal.checkpoints().write(new Checkpoint("lake", to, Map.of()));
                    released = to;
                } catch (dev.firn.base.WorldException e) {
                    return; // a disk error; the next time
                }
                log.wal.release("lake", released);
            }
        }

        private void readAll(WalHarness log) throws Exception {
            for (long at = released + 1; at <= log.wal.newest(); at++) {
                Cut cut = log.cut(at);
                var batches = new ArrayList<List<String>>();
                cut.read(batch -> batches.add(RandomBatches.lines(batch)));
                var now = new Seen(cut.digest(), batches);
                Seen before = seen.putIfAbsent(at, now);
                if (before != null) {
                    assertThat(now).isEqualTo(before);
                } else {
                    for (List<String> one : batches) {
                        note(one, at);
                    }
                }
            }
        }

        private void note(List<String> batch, long cut) {
            List<Long> ids =
                    sent.entrySet().stream()
                            .filter(one -> one.getValue().equals(batch))
                            .map(Map.Entry::getKey)
                            .toList();
            assertThat(ids).as("a batch in part or unknown: %s", batch).hasSize(1);
            assertThat(cutOf.put(ids.getFirst(), cut)).as("batch %s twice", ids).isNull();
        }

        void everythingAcknowledgedIsThere(WalHarness log) {
            var missing = new HashSet<>(acknowledged);
            missing.removeAll(cutOf.keySet());
            assertThat(missing).isEmpty();
            assertThat(log.wal.newest())
                    .isGreaterThanOrEqualTo(
                            seen.keySet().stream().mapToLong(Long::longValue).max().orElse(0));
        }
    }

    @Test
    void nothingAcknowledgedIsLostOrDoubledByPowerLossesAndKills() {
        Forall.of(60, 1, random -> live(random, false));
    }

    @Test
    void norWhenTheDiskFailsInBetween() {
        Forall.of(60, 2, random -> live(random, true));
    }

    @Test
    void aTailThatOnlyThePageCacheHeldIsDurableBeforeASinkSeesIt() {
        Forall.of(
                40,
                3,
                random -> {
                    var life = new Life(random);
                    var log = new WalHarness(life.disk, life.clock, 1, WalHarness.small("lake"));
                    life.append(log, life.ids.incrementAndGet());
                    life.disk.dieAtNextForce(random.nextBoolean());
                    life.append(log, life.ids.incrementAndGet());
                    assertThat(life.acknowledged).hasSize(1);
                    PowerLossDisk killed = life.disk.afterKill();
                    log.close();
                    try (var next =
                            new WalHarness(killed, life.clock, 2, WalHarness.small("lake"))) {
                        life.readAll(next);
                        assertThat(life.cutOf).hasSize(2);
                        life.disk = killed.crash(random);
                    }
                    try (var next =
                            new WalHarness(life.disk, life.clock, 3, WalHarness.small("lake"))) {
                        life.readAll(next);
                        assertThat(next.wal.newest()).isEqualTo(1);
                        next.wal.release("lake", 1);
                    }
                });
    }

    private static void live(Random random, boolean errors) throws Exception {
        var life = new Life(random);
        for (int process = 0; process < 8; process++) {
            life.process(errors);
        }
        life.disk.failForces(0);
        life.disk.failWrites(0);
        try (var log = new WalHarness(life.disk, life.clock, 1, WalHarness.small("lake"))) {
            life.readAll(log);
            life.everythingAcknowledgedIsThere(log);
        }
    }
}

package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.base.NioDisk;
import dev.firn.base.OwnMetrics;
import dev.firn.config.ConfigReader;
import dev.firn.model.Attributes;
import dev.firn.model.Batch;
import dev.firn.model.CheckpointStore.Checkpoint;
import dev.firn.model.Cut;
import dev.firn.model.Intake;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.Numbers;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.model.Temporality;
import dev.firn.wal.WalInspector;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `firn wal retry` from the quarantine's files to the rows.
class QuarantineRetryTest {
    @TempDir Path data;
    private long third; // time of the third point, milliseconds

    /// A log as both sinks leave it that have refused its only cut and gone on.
    private void refuseByBoth() throws InterruptedException {
        var registry = new SeriesRegistry(SeriesIdentity.SHA_256, Clock.system(), 10);
        var config = ConfigReader.parse(Map.of("test", Served.config("")), name -> null);
        try (var wal =
                LogRoom.open(
                        config,
                        data,
                        new NioDisk(),
                        Clock.system(),
                        registry,
                        false,
                        new OwnMetrics())) {
            wal.accept(
                    new Intake.RequestKey(1, 2),
                    () -> new Intake.Decoded(batch(registry), Intake.Answer.OK));
            wal.cutNow();
            Cut cut = Objects.requireNonNull(wal.next(0, 30_000));
            wal.checkpoints().write(new Checkpoint("engine", 1, Map.of()));
            wal.checkpoints()
                    .write(new Checkpoint("lake", 0, Map.of("format", "1", "quarantined", "1")));
            wal.quarantine("engine", cut, "a test says so");
            wal.quarantine("lake", cut, "a test says so");
        }
    }

    private Batch batch(SeriesRegistry registry) {
        var series =
                registry.intern(
                        new Metric(
                                new Resource("{\"host\":\"a\"}", "", 0, ""),
                                new Scope("", "", "{}", "", 0),
                                "requests",
                                "1",
                                MetricType.GAUGE,
                                Temporality.UNSPECIFIED,
                                false,
                                "",
                                "{}"),
                        Attributes.EMPTY);
        var batch = new Batch();
        long now = Clock.system().millis() * 1_000_000;
        third = now / 1_000_000 - 2_000;
        for (int i = 0; i < 7; i++) {
            batch.numbers.add(series, now - i * 1_000_000_000L, 0, 0, Numbers.INT, i);
        }
        return batch;
    }

    @Test
    void bothSinksTakeTheirCutsOnce() throws InterruptedException {
        refuseByBoth();
        try (var served = new Served(data, "")) {
            Served.await(() -> health(served).equals("warning"));
            assertThat(served.sql("SELECT count() FROM samples")).isEqualTo("0");
            Served.Ran ran = Served.command("wal", "retry", "--url", served.running.url());
            assertThat(ran.out())
                    .isEqualTo("engine\tcut 1\tinserted\nlake\tcut 1\tcommitted\n2 cuts\n");
            assertThat(ran.exit()).isZero();
            assertThat(served.sql("SELECT count() FROM samples")).isEqualTo("7");
            served.assertLakeRows(7);
            assertThat(served.json("/api/firn/v1/wal").get("quarantine")).isEmpty();
            Served.await(() -> health(served).equals("ok"));
            assertThat(served.json("/api/firn/v1/lake/verify").get("differences")).isEmpty();
            assertThat(Served.command("wal", "retry", "--url", served.running.url()).out())
                    .isEqualTo("nothing is quarantined\n");
            served.sendAll(0, 1); // the chain goes on
            served.assertLakeRows(7 + Served.POINTS);
        }
        try (var served = new Served(data, "")) {
            served.assertLakeRows(7 + Served.POINTS);
            assertThat(served.json("/api/firn/v1/lake/verify").get("differences")).isEmpty();
        }
    }

    @Test
    void itsAlertFiresUntilTheCutsAreTaken() throws InterruptedException {
        refuseByBoth();
        try (var firn = new Watched(data, Watched.QUIETLY, new Watched.Moved())) {
            firn.assertTold(
                    Set.of("FirnQuarantine"), Set.of("quarantine"), () -> firn.send(100, 0));
            var retried = Served.command("wal", "retry", "--url", firn.served.running.url());
            assertThat(retried.exit()).as(retried.err()).isZero();
            firn.assertMended(() -> firn.send(100, 0));
        }
    }

    @Test
    void withoutItsSinkACutStays() throws InterruptedException {
        refuseByBoth();
        try (var served = new Served(data, "engine: {enabled: false}")) {
            Served.Ran ran = Served.command("wal", "retry", "--url", served.running.url());
            assertThat(ran.exit()).isEqualTo(1);
            assertThat(ran.out())
                    .isEqualTo(
                            "engine\tcut 1\tengine.enabled is false here\n"
                                    + "lake\tcut 1\tcommitted\n2 cuts\n");
            assertThat(served.json("/api/firn/v1/wal").get("quarantine")).hasSize(1);
        }
    }

    @Test
    void anErasureReachesWhatIsRefused() throws InterruptedException {
        refuseByBoth();
        String three = "metric_name = 'requests' AND time >= '" + Instant.ofEpochMilli(third) + "'";
        try (var served = new Served(data, "")) {
            assertThat(lake(served, "erase", "--where", three, "--dry-run").out())
                    .contains("quarantine\tengine\t1\t3\t\nquarantine\tlake\t1\t3\t\n");
            lake(served, "hold", "add", "case", "--where", "metric_name = 'requests'");
            Served.Ran held = lake(served, "erase", "--where", three, "--yes");
            assertThat(held.exit()).isEqualTo(1);
            assertThat(held.err()).contains("quarantined cuts", "case=6", "nothing was erased");
            lake(served, "hold", "remove", "case");
            assertThat(quarantined(served)).containsExactly(7L, 7L);

            assertThat(lake(served, "erase", "--where", "metric_name = 'other'", "--yes").out())
                    .doesNotContain("quarantine");
            assertThat(quarantined(served)).containsExactly(7L, 7L);
            Served.Ran erased = lake(served, "erase", "--where", three, "--yes");
            assertThat(erased.exit()).as(erased.err()).isZero();
            assertThat(erased.out())
                    .contains("quarantine\tengine\t1\t3\t\nquarantine\tlake\t1\t3\t\n");
            assertThat(quarantined(served)).containsExactly(4L, 4L);

            assertThat(Served.command("wal", "retry", "--url", served.running.url()).exit())
                    .isZero();
            assertThat(served.sql("SELECT sum(value_int) FROM samples")).isEqualTo("18");
            served.assertLakeRows(4);
            assertThat(served.json("/api/firn/v1/lake/verify").get("differences")).isEmpty();
        }
    }

    @Test
    void ofACutThatIsErasedWholeNothingIsLeft() throws InterruptedException {
        refuseByBoth();
        String all = "resource['host'] = 'a'";
        try (var served = new Served(data, "engine: {enabled: false}")) {
            served.sendAll(0, 1);
            served.assertLakeRows(Served.POINTS);
        }
        Served.Ran erased =
                Served.command("lake", "erase", "--where", all, "--yes", "--data", data.toString());
        assertThat(erased.exit()).as(erased.err()).isZero();
        assertThat(erased.out())
                .contains("quarantine\tengine\t1\t7\t\nquarantine\tlake\t1\t7\t\nwal\t\t0\t\t")
                .contains("elsewhere\twal: ", "elsewhere\torphans: ");
        long before = newestSegment(data);
        try (var served = new Served(data, "engine: {enabled: false}")) {
            assertThat(quarantined(served)).isEmpty();
            Served.await(() -> firstSegment(served) > before); // what came before has gone
            served.sendAll(1, 2);
            served.assertLakeRows(2 * Served.POINTS);
            assertThat(served.health().get("troubles")).isEmpty();
        }
    }

    private static long newestSegment(Path data) {
        return WalInspector.inspect(new NioDisk(), data).segments().getLast().number();
    }

    private static String health(Served served) {
        for (var check : served.health().get("checks")) {
            if (check.get("id").asString().equals("quarantine")) {
                return check.get("state").asString();
            }
        }
        return "";
    }

    private static long firstSegment(Served served) {
        return served.json("/api/firn/v1/wal").get("segments").get(0).get("number").asLong();
    }

    private static List<Long> quarantined(Served served) {
        return served.json("/api/firn/v1/wal")
                .get("quarantine")
                .valueStream()
                .map(entry -> entry.get("points").asLong())
                .toList();
    }

    private static Served.Ran lake(Served served, String... arguments) {
        var all = new ArrayList<String>(List.of("lake"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--url", served.running.url()));
        return Served.command(all.toArray(String[]::new));
    }
}

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
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `firn wal retry` from the quarantine's files to the rows.
class QuarantineRetryTest {
    @TempDir Path data;

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

    private static Batch batch(SeriesRegistry registry) {
        var series =
                registry.intern(
                        new Metric(
                                new Resource("{}", "", 0, ""),
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
        long now = Clock.system().nanos();
        for (int i = 0; i < 7; i++) {
            batch.numbers.add(series, now - i * 1_000_000_000L, 0, 0, Numbers.INT, i);
        }
        return batch;
    }

    @Test
    void bothSinksTakeTheirCutsOnce() throws InterruptedException {
        refuseByBoth();
        try (var served = new Served(data, "")) {
            assertThat(served.sql("SELECT count() FROM samples")).isEqualTo("0");
            Served.Ran ran = Served.command("wal", "retry", "--url", served.running.url());
            assertThat(ran.out())
                    .isEqualTo("engine\tcut 1\tinserted\nlake\tcut 1\tcommitted\n2 cuts\n");
            assertThat(ran.exit()).isZero();
            assertThat(served.sql("SELECT count() FROM samples")).isEqualTo("7");
            served.assertLakeRows(7);
            assertThat(served.json("/api/firn/v1/wal").get("quarantine")).isEmpty();
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
}

package dev.firn.lake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.base.NioDisk;
import dev.firn.base.OwnMetrics;
import dev.firn.lake.FaultProxy.Fault;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Three processes commit to one table on S3, through a REST catalog that answers a third of its
/// commits falsely, over a network that spoils requests. None of their cuts is lost or doubled, and
/// a conflict writes no data file anew.
final class LakeProcessesTest {
    private static final int PROCESSES = 3;
    private static final int CUTS = 8;

    @TempDir Path data;

    @Test
    @Timeout(180)
    void threeProcessesLoseAndDoubleNothing() throws Exception {
        try (var home = new S3Home(S3Home.Kind.REST, data)) {
            try (LakeCatalog catalog = home.catalog()) {
                catalog.createTables(TestTables.both());
            }
            home.falseShare(0.3);
            home.proxy.plan =
                    FaultProxy.Plan.share(
                            new Random(3),
                            0.05,
                            Fault.SLOW_DOWN,
                            Fault.INTERNAL_ERROR,
                            Fault.RESET_IN_REQUEST,
                            Fault.RESET_IN_BODY,
                            Fault.ANSWER_LOST);
            Path config = data.resolve("firn.yaml");
            Files.writeString(config, home.yaml(""));
            var children = new ArrayList<Process>();
            try {
                for (int number = 0; number < PROCESSES; number++) {
                    children.add(start(config, number));
                }
                for (Process child : children) {
                    assertThat(child.waitFor(150, TimeUnit.SECONDS)).isTrue();
                    assertThat(child.exitValue()).isZero();
                }
            } finally {
                children.forEach(Process::destroyForcibly);
            }
            home.falseShare(0);
            home.proxy.plan = request -> Fault.NONE;
            assertAllOnce(home);
            long commitsAgain = 0;
            for (int number = 0; number < PROCESSES; number++) {
                String page = Files.readString(data.resolve("metrics-" + number));
                commitsAgain += value(page, "firn_lake_retries_total{what=\"commit\"}");
                // Each commit of a round has two files: what was written is what was committed.
                assertThat(value(page, "s3_uploader_files_processed_total{status=\"success\"}"))
                        .isEqualTo(2 * value(page, "firn_lake_upload_seconds_count"));
            }
            assertThat(commitsAgain)
                    .as("commits that met a conflict or a lost answer")
                    .isPositive();
        }
    }

    private static long value(String page, String sample) {
        return page.lines()
                .filter(line -> line.startsWith(sample + " "))
                .map(line -> (long) Double.parseDouble(line.substring(sample.length() + 1)))
                .findFirst()
                .orElseThrow();
    }

    private static void assertAllOnce(S3Home home) {
        Map<String, Integer> expected = new TreeMap<>();
        for (int number = 0; number < PROCESSES; number++) {
            for (long cut = 1; cut <= CUTS; cut++) {
                expected.put(new TestTables.Row("w" + number, cut, cut).toString(), 1);
            }
        }
        try (LakeCatalog catalog = home.catalog()) {
            Table points = catalog.load(LakePaths.POINTS);
            assertThat(TestTables.counts(points)).isEqualTo(expected);
            assertThat(TestTables.counts(catalog.load(LakePaths.SERIES)).values())
                    .hasSize(PROCESSES * CUTS)
                    .containsOnly(1);
        }
    }

    private Process start(Path config, int number) throws Exception {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx256m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        config.toString(),
                        data.toString(),
                        Integer.toString(number))
                .redirectErrorStream(true)
                .redirectOutput(data.resolve("child-" + number + ".log").toFile())
                .start();
    }

    /// One of the processes.
    static final class Child {
        private Child() {}

        public static void main(String[] args) throws Exception {
            Path data = Path.of(args[1]);
            int number = Integer.parseInt(args[2]);
            Path own = Files.createDirectories(data.resolve("own-" + number));
            var page = new OwnMetrics();
            var metrics = new LakeMetrics(page);
            var state = new MemoryLog.State("w" + number);
            var backoff = new Backoff(new Random(number), 5, 200);
            try (LakeCatalog catalog =
                    LakeCatalog.open(
                            S3Home.read(Files.readString(Path.of(args[0]))).lake(),
                            own,
                            new NioDisk(),
                            Clock.system(),
                            metrics::requestRetried)) {
                var rounds =
                        new LakeRounds(
                                new MemoryLog(state),
                                catalog,
                                TestRun::new,
                                new LakeIntents(new MemoryCheckpoint()),
                                metrics,
                                new LakeCommit(
                                        backoff,
                                        20,
                                        Clock.system(),
                                        () -> metrics.again(LakeMetrics.Again.COMMIT)),
                                Clock.system(),
                                Failpoint.NONE);
                var sink =
                        new LakeSink(
                                new LakeSink.Settings(0, 1 << 20, 1_000),
                                new MemoryLog(state),
                                rounds,
                                metrics,
                                backoff,
                                Clock.system());
                for (long cut = 1; cut <= CUTS; cut++) {
                    state.append(cut);
                    while (sink.committed() < cut && sink.stopped() == null) {
                        sink.round();
                    }
                }
                Files.writeString(
                        data.resolve("metrics-" + number),
                        new String(page.page(), StandardCharsets.UTF_8));
                System.exit(sink.stopped() == null ? 0 : 1);
            }
        }
    }
}

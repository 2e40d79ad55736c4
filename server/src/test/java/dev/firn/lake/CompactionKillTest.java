package dev.firn.lake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.base.NioDisk;
import dev.firn.lake.compact.Compaction;
import dev.firn.model.Batch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Compaction in a process of its own: killed at any moment, and with little memory.
final class CompactionKillTest {
    private static final int ROUNDS = 8;

    @TempDir Path data;

    @Test
    @Timeout(180)
    void killsLoseAndDoubleNothing() throws Exception {
        var random = new Random(17);
        var points = new RandomPoints(random, 30, 2);
        var expected = new HashMap<Map<String, Object>, Integer>();
        int merged = 0;
        try (var lake = new TestLake(data)) {
            for (int round = 0; round < ROUNDS; round++) {
                for (int commit = 0; commit < 6; commit++) {
                    Batch batch = points.batch(200);
                    PlainRows.of(batch, TestLake.WRITER, 1)
                            .forEach(row -> expected.merge(row, 1, Integer::sum));
                    lake.write(List.of(batch));
                }
                int before = files(lake);
                Process child = child("256m", 32 << 20);
                var lines = child.inputReader(StandardCharsets.UTF_8);
                for (int step = random.nextInt(14); step >= 0; step--) {
                    lines.readLine();
                }
                // Not a wait for an outcome: the moment of the kill.
                child.waitFor(random.nextInt(60), TimeUnit.MILLISECONDS);
                child.destroyForcibly().waitFor();
                merged += files(lake) < before ? 1 : 0;
            }
            assertThat(merged).as("rounds whose child committed").isPositive();
            CompactionTest.compaction(lake.catalog, 128 << 20, 32 << 20)
                    .run(Compaction.Scope.ALL, LakePace.unlimited());
            var counts = new HashMap<Map<String, Object>, Integer>();
            lake.points(Expressions.alwaysTrue())
                    .forEach(row -> counts.merge(PlainRows.of(row), 1, Integer::sum));
            assertThat(counts).isEqualTo(expected);
        }
    }

    private static int files(TestLake lake) {
        return CompactionTest.files(lake.catalog.load(LakePaths.POINTS)).size();
    }

    /// 600,000 rows of all types in 30 files of some 90 MB, in a heap of 64 MB.
    @Test
    @Timeout(180)
    void memoryIsBounded() throws Exception {
        var points = new RandomPoints(new Random(18), 2_000, 1);
        try (var lake = new TestLake(data)) {
            List<Batch> batches = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                batches.add(points.batch(20_000));
            }
            for (int commit = 0; commit < 30; commit++) {
                lake.write(List.of(batches.get(commit % batches.size())));
            }
            Table table = lake.catalog.load(LakePaths.POINTS);
            String before = digest(table);
            Process child = child("64m", 16 << 20);
            assertThat(child.waitFor(150, TimeUnit.SECONDS)).isTrue();
            assertThat(child.exitValue()).isZero();
            int planes =
                    (int)
                            CompactionTest.files(table).stream()
                                    .map(file -> file.partition().get(1, String.class))
                                    .distinct()
                                    .count();
            assertThat(CompactionTest.files(table)).hasSizeLessThan(8 * planes);
            assertThat(digest(table)).isEqualTo(before);
        }
    }

    /// Number and contents of all rows, in any order, by another reader.
    private static String digest(Table table) throws SQLException {
        String files =
                CompactionTest.files(table).stream()
                        .map(file -> "'" + LakePaths.local(file.location()) + "'")
                        .collect(Collectors.joining(","));
        try (var duck = DriverManager.getConnection("jdbc:duckdb:");
                var statement = duck.createStatement();
                var answer =
                        statement.executeQuery(
                                "SELECT count(*) || ' ' || sum(hash(t)::HUGEINT) FROM read_parquet(["
                                        + files
                                        + "], hive_partitioning = false) t")) {
            answer.next();
            return answer.getString(1);
        }
    }

    private Process child(String heap, long memory) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xmx" + heap,
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        data.toString(),
                        Long.toString(memory))
                .redirectError(data.resolve("child.log").toFile())
                .start();
    }

    /// The process that is killed.
    static final class Child {
        private Child() {}

        public static void main(String[] args) throws Exception {
            try (LakeCatalog catalog = LakeCatalog.sqlite(Path.of(args[0]), new NioDisk())) {
                Compaction compaction =
                        CompactionTest.compaction(catalog, 128 << 20, Long.parseLong(args[1]));
                LakePace pace =
                        LakePace.of(
                                LakePace.Limits.NONE,
                                (what, done, total) -> System.out.println(what),
                                Clock.system());
                List<Compaction.Merge> merges = compaction.run(Compaction.Scope.ALL, pace);
                boolean fine = merges.stream().allMatch(m -> m.outcome().equals("merged"));
                System.exit(fine ? 0 : 1);
            }
        }
    }
}

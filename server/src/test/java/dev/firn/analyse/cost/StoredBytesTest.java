package dev.firn.analyse.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.config.QueryClassesConfig;
import dev.firn.lake.LakePaths;
import dev.firn.lake.RandomPoints;
import dev.firn.lake.TestLake;
import dev.firn.query.EngineQueries;
import dev.firn.query.LakeSizes;
import dev.firn.query.TestStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredBytesTest {
    /// 2026-01-15, a whole day; all that is stored here is of January.
    private static final long DAY = 1_768_435_200L;

    /// Long after: all is in the rollups.
    private static final long NOW = DAY + 60 * 86_400;

    /// Memory that one question over many series does not find enough.
    private static final long SMALL = 48L << 20;

    @TempDir Path data;

    private static StoredBytes bytes(TestStore store) {
        return bytes(store, 1L << 30, 1 << 17);
    }

    /// @param memoryMax of a question
    /// @param seriesMax that a question asks for
    private static StoredBytes bytes(TestStore store, long memoryMax, int seriesMax) {
        var limits = QueryClassesConfig.DEFAULT.scheduled();
        return new StoredBytes(
                new EngineQueries(
                        store.client,
                        TestStore.DATABASE,
                        new QueryClassesConfig(
                                limits,
                                new QueryClassesConfig.Limits(
                                        limits.timeMaxNanos(),
                                        limits.rowsMax(),
                                        limits.rowsReadMax(),
                                        memoryMax,
                                        2),
                                limits.timeMaxNanos()),
                        Clock.system(),
                        new OwnMetrics()),
                "team",
                seriesMax);
    }

    /// Series of 4 services, every third a histogram; n points of each in a part of their own.
    private static void store(TestStore store, int part, int n) throws InterruptedException {
        store.client.execute(
                "INSERT INTO otel_metrics.series (metric_id, series_id, metric_name, type, service_name, environment,"
                        + " data_plane_id, attributes_map) SELECT number % 5, number, 'm' || toString(number % 5),"
                        + " if(number % 5 = 0, 'histogram', 'gauge'), 's' || toString(number % 4), 'prod', 'p1',"
                        + " map('team', if(number % 2 = 0, 'even', 'odd')) FROM numbers(20)");
        String time =
                "toDateTime64(%d + intDiv(number, 20) * 10, 3, 'UTC')"
                        .formatted(DAY + part * 3_600);
        store.client.execute(
                ("INSERT INTO otel_metrics.samples (metric_id, series_id, time, value, src, seq, retention_days)"
                                + " SELECT number %% 20 %% 5, number %% 20, %s, rand64(), 'w', %d, 9000 FROM numbers(%d)"
                                + " WHERE number %% 5 != 0")
                        .formatted(time, part, n * 20));
        store.client.execute(
                ("INSERT INTO otel_metrics.histograms (metric_id, series_id, time, count, bounds, bucket_counts, src, seq,"
                                + " retention_days) SELECT 0, number %% 20, %s, 1, range(30),"
                                + " arrayMap(x -> cityHash64(x, number, %d), range(31)), 'w', %d, 9000 FROM numbers(%d) WHERE number %% 5 = 0")
                        .formatted(time, part, part, n * 20));
        store.client.execute(
                ("INSERT INTO otel_metrics.rollup_1d (metric_id, series_id, time, count, buckets, retention_days, version)"
                                + " SELECT number %% 5, number, toDateTime(%d, 'UTC'), %d, if(number %% 5 = 0, range(31), []),"
                                + " 9000, %d FROM numbers(20)")
                        .formatted(DAY, n * (part + 1), part));
    }

    /// All before a moment is in the rollups.
    private static void close(TestStore store, long seconds) throws InterruptedException {
        store.client.execute(
                "INSERT INTO otel_metrics.firn_rollup_state VALUES (toDateTime(%d, 'UTC'), %d)"
                        .formatted(seconds, System.nanoTime()));
    }

    private static final String OF_POINTS =
            "table IN ('samples', 'histograms', 'series', 'rollup_1d')";

    private static long onDisk(TestStore store, String which) throws InterruptedException {
        return Long.parseLong(
                store.rows(
                                "SELECT sum(bytes_on_disk) FROM system.parts WHERE database = 'otel_metrics' AND "
                                        + which)
                        .getFirst());
    }

    @Test
    void sharesAddUpToTheBytesOnDiskThroughMergesAndExpiry() throws Exception {
        try (var store = new TestStore(data.resolve("engine"))) {
            close(store, NOW);
            StoredBytes bytes = bytes(store);
            for (int part = 0; part < 4; part++) {
                store(store, part, 500);
                exact(store, bytes);
            }
            Quantities before = bytes.engine();
            for (String table : List.of("samples", "histograms", "series", "rollup_1d")) {
                store.client.execute("OPTIMIZE TABLE otel_metrics." + table + " FINAL");
                exact(store, bytes);
            }
            shares(before);
            Quantities merged = bytes.engine();
            shares(merged);
            // parts that were merged and wait to be deleted are somebody's, too
            assertThat(onDisk(store, "active AND " + OF_POINTS))
                    .isLessThan(onDisk(store, OF_POINTS));
            assertThat(somebodys(exact(store, bytes))).isEqualTo(onDisk(store, OF_POINTS));

            store.client.execute("ALTER TABLE otel_metrics.samples DROP PARTITION 202601");
            exact(store, bytes);
            Quantities expired = bytes.engine();
            assertThat(somebodys(expired)).isLessThan(somebodys(merged));
            // the same question again has the same answer, also of who starts anew
            assertThat(bytes.engine().all()).isEqualTo(expired.all());
            assertThat(bytes(store).engine().all()).isEqualTo(expired.all());
        }
    }

    /// What was read while nothing changed is what the disk has.
    private static Quantities exact(TestStore store, StoredBytes bytes)
            throws InterruptedException {
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (true) {
            long before = onDisk(store, "1");
            Quantities read = bytes.engine();
            if (onDisk(store, "1") == before) {
                assertThat(read.total(Meter.ENGINE_BYTE_HOURS)).isEqualTo(before);
                return read;
            }
            assertThat(System.nanoTime()).as("merges end").isLessThan(deadline);
        }
    }

    private static void shares(Quantities read) {
        Map<Quantities.Key, Long> all = read.all();
        long histograms = 0;
        long gauges = 0;
        long nobodys = 0;
        for (Map.Entry<Quantities.Key, Long> one : all.entrySet()) {
            Group group = one.getKey().group();
            if (group.isSpecial()) {
                nobodys += one.getValue();
            } else if (group.metric().equals("m0")) {
                histograms += one.getValue();
            } else {
                gauges += one.getValue();
                assertThat(group.team()).isIn("even", "odd");
                assertThat(group.dataPlaneId()).isEqualTo("p1");
            }
        }
        assertThat(histograms)
                .isGreaterThan(4 * gauges); // 31 numbers to one, of a fifth of the series
        assertThat(gauges).isGreaterThan(0);
        assertThat(nobodys).isGreaterThan(0); // Firn's own tables
    }

    @Test
    void whatNoRollupTellsYetIsCountedByItsPoints() throws Exception {
        try (var store = new TestStore(data.resolve("engine"))) {
            store(store, 0, 500);
            store(store, 1, 500);
            close(store, NOW);
            StoredBytes bytes = bytes(store);
            List<Weights.Row> byRollups = bytes.points(DAY, DAY + 86_400).rows();
            assertThat(byRollups).hasSize(20);
            store.client.execute("TRUNCATE TABLE otel_metrics.rollup_1d");
            assertThat(bytes.points(DAY, DAY + 86_400).rows()).isEmpty();
            close(store, DAY); // nothing of the day is closed: a restart with a backlog
            assertThat(bytes.points(DAY, DAY + 86_400).rows())
                    .containsExactlyInAnyOrderElementsOf(byRollups);
        }
    }

    @Test
    void manySeriesAreAskedForInParts() throws Exception {
        try (var store = new TestStore(data.resolve("engine"))) {
            store.client.execute(
                    "INSERT INTO otel_metrics.series (metric_id, series_id, metric_name, type, service_name, environment,"
                            + " data_plane_id, attributes_map) SELECT number % 50, cityHash64(number), 'm' || toString(number % 50),"
                            + " 'gauge', 's' || toString(number % 7), 'prod', 'p1', map('team', 't' || toString(number % 3), 'pod', toString(number))"
                            + " FROM numbers(400000)");
            store.client.execute(
                    ("INSERT INTO otel_metrics.samples (metric_id, series_id, time, value, src, seq, retention_days)"
                                    + " SELECT number %% 50, cityHash64(number %% 400000), toDateTime64(%d + intDiv(number, 400000) * 60, 3, 'UTC'),"
                                    + " number, 'w', 1, 9000 FROM numbers(2000000)")
                            .formatted(DAY));
            close(store, DAY);
            Quantities whole = bytes(store, 1L << 30, 1 << 30).engine();
            assertThat(bytes(store, 1L << 30, 1 << 14).engine().all()).isEqualTo(whole.all());
            assertThat(bytes(store, SMALL, 1 << 15).engine().all()).isEqualTo(whole.all());
            assertThatThrownBy(() -> bytes(store, SMALL, 1 << 30).engine())
                    .hasMessageContaining("memory limit");
        }
    }

    @Test
    void sharesAddUpToTheLakesFilesThroughCompactionAndExpiry() throws Exception {
        try (var store = new TestStore(data.resolve("engine"));
                var lake = new TestLake(data.resolve("lake"))) {
            close(store, NOW);
            var sizes = new LakeSizes(lake.catalog);
            StoredBytes bytes = bytes(store);
            assertThat(bytes.lake(sizes.read()).total(Meter.LAKE_BYTE_HOURS)).isZero();
            var points = new RandomPoints(new Random(3), 12, 2);
            for (int commit = 0; commit < 3; commit++) {
                lake.write(List.of(points.batch(400)));
                exact(lake, bytes, sizes);
            }
            lake.compact();
            Quantities read = exact(lake, bytes, sizes);
            assertThat(somebodys(read)).isZero(); // the engine knows nothing of these points

            for (var series : points.series()) {
                store.client.execute(
                        ("INSERT INTO otel_metrics.series (metric_id, series_id, metric_name, type, data_plane_id) VALUES (%d, %d, '%s', '%s', '%s')")
                                .formatted(
                                        Integer.toUnsignedLong(series.metricId()),
                                        series.id(),
                                        series.metric().name().replace("'", "\\'"),
                                        series.metric().type().label(),
                                        series.wellKnown().dataPlaneId().replace("'", "\\'")));
                store.client.execute(
                        ("INSERT INTO otel_metrics.rollup_1d (metric_id, series_id, time, count, retention_days) SELECT %d, %d,"
                                        + " toStartOfDay(toDateTime(%d + number * 86400, 'UTC')), 7, 9000 FROM numbers(4)")
                                .formatted(
                                        Integer.toUnsignedLong(series.metricId()),
                                        series.id(),
                                        RandomPoints.EPOCH / 1_000_000_000 - 86_400));
            }
            read = exact(lake, bytes(store), sizes);
            assertThat(somebodys(read))
                    .isEqualTo(sizes.read().bytes() - sizes.read().metadata()); // all but manifests
            assertThat(bytes(store).lake(sizes.read()).all()).isEqualTo(read.all());

            bytes = bytes(store);
            Table table = lake.catalog.load(LakePaths.POINTS);
            var days = new TreeSet<Long>();
            sizes.read().points().forEach(one -> days.add(one.day()));
            table.newDelete()
                    .deleteFromRowFilter(
                            Expressions.lessThan("time", (days.first() + 1) * 86_400_000_000L))
                    .commit();
            Quantities expired = exact(lake, bytes, sizes);
            assertThat(sizes.read().points()).noneMatch(one -> one.day() == days.first());
            assertThat(somebodys(expired)).isLessThan(somebodys(read)).isPositive();
            lake.write(List.of(points.batch(400)));
            exact(lake, bytes, sizes);
            table.refresh();
            table.expireSnapshots().expireOlderThan(Long.MAX_VALUE).retainLast(1).commit();
            exact(lake, bytes, sizes);
            lake.compact();
            read = exact(lake, bytes, sizes);
            assertThat(bytes.lake(sizes.read()).all()).isEqualTo(read.all());
        }
    }

    private static long somebodys(Quantities read) {
        return read.all().entrySet().stream()
                .filter(one -> !one.getKey().group().isSpecial())
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    private static Quantities exact(TestLake lake, StoredBytes bytes, LakeSizes sizes)
            throws IOException, InterruptedException {
        long onDisk = 0;
        for (String name : List.of(LakePaths.POINTS, LakePaths.SERIES)) {
            Table table = lake.catalog.load(name);
            try (var tasks = table.newScan().planFiles()) {
                for (FileScanTask task : tasks) {
                    onDisk += Files.size(path(task.file().location()));
                }
            }
            if (table.currentSnapshot() != null) {
                for (ManifestFile one : table.currentSnapshot().allManifests(table.io())) {
                    onDisk += Files.size(path(one.path()));
                }
            }
        }
        Quantities read = bytes.lake(sizes.read());
        assertThat(read.total(Meter.LAKE_BYTE_HOURS)).isEqualTo(onDisk);
        return read;
    }

    private static Path path(String location) {
        return Path.of(location.replaceFirst("^file:/*", "/"));
    }
}

package dev.firn.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.lake.Backoff;
import dev.firn.lake.LakeCommit;
import dev.firn.lake.LakePaths;
import dev.firn.lake.PointsRun;
import dev.firn.lake.RandomPoints;
import dev.firn.lake.TestLake;
import dev.firn.model.Batch;
import dev.firn.model.Points;
import dev.firn.model.Position;
import dev.firn.query.AdmittedBook.Place;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LakeAppendsTest {
    private static final long DAY_NANOS = 86_400_000_000_000L;

    @TempDir Path data;
    private final RandomPoints points = new RandomPoints(new Random(4), 12, 2);
    private final Map<String, String> positions = new HashMap<>();

    private static String position(long cut) {
        return new Position(7, cut, cut).toString();
    }

    private Map<Place, Long> commit(TestLake lake, String writer, String key, long cut, int n) {
        Batch batch = points.batch(n);
        PointsRun run = lake.runs.start();
        run.add(batch, writer, cut);
        Table table = lake.catalog.load(LakePaths.POINTS);
        @Nullable String before = positions.put(key, position(cut));
        new LakeCommit(new Backoff(new Random(1), 1, 20), 500)
                .commit(table, key, before, position(cut), run.writePoints(table));
        var rows = new HashMap<Place, Long>();
        for (Points.Kind kind : Points.Kind.values()) {
            Points its = batch.points(kind);
            for (int row = 0; row < its.size(); row++) {
                rows.merge(
                        new Place(
                                its.series[row].wellKnown().dataPlaneId(),
                                Math.floorDiv(its.time[row], DAY_NANOS)),
                        1L,
                        Long::sum);
            }
        }
        return rows;
    }

    private static void same(Map<Place, Long> found, Map<Place, Long> naive) {
        assertThat(found).isEqualTo(naive);
    }

    @Test
    void rowsOfEachCommitAreThoseOfItsBatchThroughCompaction() {
        try (var lake = new TestLake(data)) {
            var appends = new LakeAppends(lake.catalog);
            assertThat(appends.since("w", 0).commits()).isEmpty();
            Map<Place, Long> first = commit(lake, "w", "w", 3, 200);
            commit(lake, "v", "v", 9, 150); // another writer's
            Map<Place, Long> second = commit(lake, "w", "w", 8, 300);
            lake.compact();
            Map<Place, Long> beside = commit(lake, "w", "w-q2", 2, 50);

            Appended all = appends.since("w", 0);
            assertThat(all.whole()).isTrue();
            assertThat(all.commits())
                    .extracting(Appended.Commit::cut, Appended.Commit::beside)
                    .containsExactly(
                            org.assertj.core.groups.Tuple.tuple(3L, false),
                            org.assertj.core.groups.Tuple.tuple(8L, false),
                            org.assertj.core.groups.Tuple.tuple(2L, true));
            same(all.commits().get(0).rows(), first);
            same(all.commits().get(1).rows(), second);
            same(all.commits().get(2).rows(), beside);
            assertThat(all.rewrites())
                    .singleElement()
                    .matches(one -> !one.before().isEmpty() && one.before().equals(one.after()));

            assertThat(appends.since("w", 3).commits())
                    .extracting(Appended.Commit::cut)
                    .containsExactly(8L, 2L);
            assertThat(appends.since("w", 8).commits())
                    .extracting(Appended.Commit::cut)
                    .containsExactly(2L);

            Table table = lake.catalog.load(LakePaths.POINTS);
            table.expireSnapshots()
                    .expireSnapshotId(table.currentSnapshot().parentId())
                    .cleanExpiredFiles(false)
                    .commit();
            assertThat(appends.since("w", 3).whole()).isFalse();
        }
    }
}

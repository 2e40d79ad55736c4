package dev.firn.wal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.PowerLossDisk;
import dev.firn.model.Batch;
import dev.firn.model.Cut;
import dev.firn.model.Points;
import dev.firn.model.Series;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The registry forgets series that the log still speaks of.
final class EvictedSeriesTest {
    private static final int POINTS = 40;

    private static Set<Series> series(Cut cut) {
        var found = new HashSet<Series>();
        cut.read(batch -> {
            for (Points.Kind kind : Points.Kind.values()) {
                Points points = batch.points(kind);
                found.addAll(Arrays.asList(points.series).subList(0, points.size()));
            }
        });
        return found;
    }

    private static List<String> names(Set<Series> series) {
        return series.stream().map(Series::toString).sorted().toList();
    }

    @Test
    void areInternedAgainWhereTheReaderStoodInTheirSegment() throws InterruptedException {
        try (var log =
                new WalHarness(
                        new PowerLossDisk(WalHarness.DATA),
                        new ManualClock(),
                        1,
                        WalHarness.small("lake"))) {
            var batch = new Batch();
            new RandomBatches(new Random(1), log.registry, 20).fill(batch, POINTS);
            log.append(1, batch);
            log.wal.cutNow();
            log.append(2, batch); // the same series, which their segment has defined before
            log.wal.cutNow();
            Set<Series> before = series(log.cut(1));
            assertThat(before).isNotEmpty().noneMatch(one -> one.evicted);
            int known = log.registry.size();
            assertThat(log.registry.evictIdle(-10)).isEqualTo(known);
            Set<Series> after = series(log.cut(2));
            assertThat(after).noneMatch(one -> one.evicted).doesNotContainAnyElementsOf(before);
            assertThat(names(after)).isEqualTo(names(before));
            assertThat(series(log.cut(2))).isEqualTo(after);
            assertThat(log.registry.size()).isEqualTo(after.size());
        }
    }
}

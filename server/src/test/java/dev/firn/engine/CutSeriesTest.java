package dev.firn.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Forall;
import dev.firn.model.MetricType;
import dev.firn.model.Series;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

class CutSeriesTest {
    private static final long DAY = 86_400_000_000_000L;
    private static final Retention RETENTION = Retention.days(90);
    private static final Comparator<Series> IN_ORDER =
            Comparator.<Series>comparingLong(one -> Integer.toUnsignedLong(one.metricId()))
                    .thenComparingLong(Series::id);

    private final CutSeries slots = new CutSeries();
    private final PointMaker maker = new PointMaker(7);

    @Test
    void eachCutRanksItsOwnSeriesByMetricAndId() {
        var all = new ArrayList<Series>();
        for (int i = 0; i < 300; i++) {
            all.add(maker.series(i % 2 == 0 ? MetricType.SUM : MetricType.GAUGE, i));
        }
        Forall.of(
                1_000,
                1,
                random -> {
                    slots.clear();
                    int known = 1 + random.nextInt(all.size());
                    var cut = new ArrayList<Series>();
                    for (int i = random.nextInt(60); i >= 0; i--) {
                        Series one = all.get(random.nextInt(known));
                        int slot = slots.slot(one, RETENTION);
                        assertThat(slots.series[slot]).isSameAs(one);
                        slots.see(slot, random.nextInt(3) * DAY);
                        cut.add(one);
                    }
                    slots.rank();
                    ranksAre(cut.stream().distinct().sorted(IN_ORDER).toList());
                });
    }

    private void ranksAre(List<Series> expected) {
        assertThat(slots.size()).isEqualTo(expected.size());
        assertThat(slots.ranks()).isEqualTo(expected.size());
        for (int i = 0; i < expected.size(); i++) {
            assertThat(slots.rank[slots.slot(expected.get(i), RETENTION)]).isEqualTo(i);
        }
    }

    @Test
    void seriesThatAreLeftOutHaveNoRankInThisCutOnly() {
        Series one = maker.series(MetricType.SUM, 1);
        slots.clear();
        int slot = slots.slot(one, RETENTION);
        slots.see(slot, 0);
        slots.rank[slot] = -1;
        slots.rank();
        assertThat(slots.rank[slot]).isEqualTo(-1);
        assertThat(slots.ranks()).isZero();
        slots.clear();
        slots.see(slots.slot(one, RETENTION), 0);
        slots.rank();
        assertThat(slots.rank[slot]).isZero();
    }

    @Test
    void revisionsOfOneSeriesShareARank() {
        slots.clear();
        int first = slots.slot(maker.series(MetricType.SUM, 1, "before"), RETENTION);
        int second = slots.slot(maker.series(MetricType.SUM, 1, "after"), RETENTION);
        slots.see(first, 0);
        slots.see(second, 0);
        slots.rank();
        assertThat(first).isNotEqualTo(second);
        assertThat(slots.rank[first]).isEqualTo(slots.rank[second]);
        assertThat(slots.ranks()).isEqualTo(1);
    }

    @Test
    void whatIsSettledHoldsForItsDaysAndUntilForgotten() {
        Series one = maker.series(MetricType.SUM, 1);
        assertThat(settled(one, 3)).isFalse();
        slots.settle(slots.slot(one, RETENTION));
        assertThat(settled(one, 3)).isTrue();
        assertThat(settled(one, 4)).isFalse();
        slots.settle(slots.slot(one, RETENTION));
        assertThat(settled(one, 3)).isTrue();
        slots.forget();
        assertThat(settled(one, 3)).isFalse();
    }

    private boolean settled(Series one, int day) {
        slots.clear();
        int slot = slots.slot(one, RETENTION);
        slots.see(slot, day * DAY);
        return slots.settled(slot);
    }

    @Test
    void seriesAreNotKeptAliveForEver() {
        slots.clear();
        int slot = slots.slot(maker.series(MetricType.SUM, 1), RETENTION);
        for (int cut = 0; cut < 300; cut++) {
            slots.clear();
        }
        assertThat(slots.series[slot]).isNull();
    }
}

package dev.firn.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.model.Series;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class SeriesTableTest {
    private final TestPoints points = new TestPoints();

    @Test
    void everySeriesFindsItsNewestValue() {
        var table = new SeriesTable<String>(100_000);
        var all = new ArrayList<Series>();
        for (int i = 0; i < 5_000; i++) {
            all.add(points.series("m", "{}", "i", "" + i));
            table.put(all.get(i), "first" + i);
        }
        for (int i = 0; i < 5_000; i += 3) {
            table.put(all.get(i), "second" + i);
        }
        assertThat(table.size()).isEqualTo(5_000);
        for (int i = 0; i < 5_000; i++) {
            assertThat(table.find(all.get(i))).isEqualTo((i % 3 == 0 ? "second" : "first") + i);
        }
        assertThat(table.find(points.series("unknown", "{}"))).isNull();
    }

    @Test
    void forgottenSeriesMakeRoom() {
        var table = new SeriesTable<String>(100_000);
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < 1_000; i++) {
                table.put(points.series("m" + round, "{}", "i", "" + i), "x");
            }
            points.clock.advance(100);
            points.registry.evictIdle(10);
        }
        assertThat(table.size()).isLessThan(4_000);
    }

    @Test
    void beyondTheLimitNothingIsAdded() {
        var table = new SeriesTable<String>(10);
        for (int i = 0; i < 100; i++) {
            table.put(points.series("m", "{}", "i", "" + i), "x");
        }
        assertThat(table.size()).isEqualTo(10);
    }
}

package dev.firn.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.OwnMetrics;
import dev.firn.base.PowerLossDisk;
import dev.firn.model.Numbers;
import dev.firn.model.Series;
import dev.firn.process.state.Reaggregation;
import dev.firn.process.state.StateRoom;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Chains that drop labels, with what adds up the series that have become one.
class ReaggregatedChainTest {
    private static final Path DATA = Path.of("/data");

    private final TestPoints points = new TestPoints();
    private final PowerLossDisk disk = new PowerLossDisk(DATA);

    private record Running(StateRoom room, Chain chain) {}

    private Running start(String... statements) throws InterruptedException {
        var room =
                new StateRoom(DATA, disk, points.clock, new OwnMetrics(), StateRoom.Limits.DEFAULT);
        var processors = new Processors(points.registry, points.clock, new OwnMetrics());
        var aggregator = new Reaggregation("p:stage-1", room);
        Chain chain = processors.chain("p", List.of(ChainTest.transform(statements)), aggregator);
        room.open(null);
        return new Running(room, chain);
    }

    private void add(Series series, long seconds, long value) {
        points.batch.numbers.add(
                series,
                TestPoints.TIME + seconds * 1_000_000_000L,
                TestPoints.TIME - 1,
                0,
                Numbers.INT,
                value);
    }

    private List<String> sent(Running running) {
        try (Chain.Result result = running.chain.process(points.batch)) {
            List<String> shown = TestPoints.shown(result.batch());
            running.room.stored();
            return shown;
        } finally {
            points.batch.clear();
        }
    }

    @Test
    void aSeriesThatNeverHadTheLabelIsAddedUpWithThoseThatLostIt() throws Exception {
        Series bare = points.series("a", "{}", "k", "v");
        Series one = points.series("a", "{}", "k", "v", "pod", "1");
        Series two = points.series("a", "{}", "k", "v", "pod", "2");
        Series other = points.series("b", "{}", "k", "v");
        Running running = start("delete_key(attributes, \"pod\")");
        add(bare, 1, 1);
        add(one, 1, 10);
        add(two, 1, 100);
        add(other, 1, 5);
        assertThat(sent(running)).containsExactly("b{\"k\":\"v\"} 5", "a{\"k\":\"v\"} 111");
        add(bare, 2, 2);
        assertThat(sent(running)).containsExactly("a{\"k\":\"v\"} 112");
        running.room.close();
        Running again = start("delete_key(attributes, \"pod\")");
        add(bare, 3, 4); // nobody has lost a label since the restart
        assertThat(sent(again)).containsExactly("a{\"k\":\"v\"} 114");
        add(other, 3, 6);
        assertThat(sent(again)).containsExactly("b{\"k\":\"v\"} 6");
        again.room.close();
    }

    @Test
    void statementsThatReadPointsDoTheSame() throws Exception {
        Series bare = points.series("a", "{}");
        Series one = points.series("a", "{}", "pod", "1");
        Running running = start("delete_key(attributes, \"pod\") where value_int > 0");
        add(one, 1, 10);
        add(bare, 1, 1);
        assertThat(sent(running)).containsExactly("a{} 11");
        add(bare, 2, 2);
        assertThat(sent(running)).containsExactly("a{} 12");
        running.room.close();
    }
}

package dev.firn.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.OwnMetrics;
import dev.firn.config.ErrorMode;
import dev.firn.config.FilterProcessorConfig;
import dev.firn.config.ProcessorConfig;
import dev.firn.config.Statement;
import dev.firn.config.StatementGroup;
import dev.firn.config.TransformProcessorConfig;
import dev.firn.model.Batch;
import dev.firn.model.Intake;
import dev.firn.model.Points;
import dev.firn.model.Series;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ChainTest {
    private final TestPoints points = new TestPoints();
    private final OwnMetrics metrics = new OwnMetrics();
    private final Processors processors = new Processors(points.registry, points.clock, metrics);

    static ProcessorConfig transform(String... statements) {
        return transform(ErrorMode.IGNORE, statements);
    }

    static ProcessorConfig transform(ErrorMode mode, String... statements) {
        return new TransformProcessorConfig(
                mode,
                List.of(new StatementGroup("datapoint", mode, List.of(), statements(statements))));
    }

    static ProcessorConfig filter(String... conditions) {
        return new FilterProcessorConfig(
                ErrorMode.IGNORE,
                Optional.empty(),
                Optional.empty(),
                List.of(
                        new StatementGroup(
                                "datapoint", ErrorMode.IGNORE, statements(conditions), List.of())));
    }

    private static List<Statement> statements(String... texts) {
        var all = new ArrayList<Statement>();
        for (String text : texts) {
            all.add(new Statement(text, "test.yaml:1", "processors.transform"));
        }
        return all;
    }

    private Chain chain(ProcessorConfig... configs) {
        return chain(null, configs);
    }

    private Chain chain(@Nullable Aggregator aggregator, ProcessorConfig... configs) {
        return processors.chain("p", List.of(configs), aggregator);
    }

    private String page() {
        return new String(metrics.page(), StandardCharsets.UTF_8);
    }

    @Test
    void pointsThatNothingChangesAreNotCopied() {
        points.add(points.series("a", "{}"), 1);
        Chain chain =
                chain(
                        transform(
                                "set(metric.unit, \"s\") where metric.name == \"b\"",
                                "set(value_int, 5) where value_int == 0"),
                        filter("metric.name == \"c\"", "value_int == 9"));
        try (Chain.Result result = chain.process(points.batch)) {
            assertThat(result.batch()).isSameAs(points.batch);
        }
    }

    @Test
    void identityIsWorkedOutOncePerSeries() {
        for (int i = 0; i < 10; i++) {
            points.add(points.series("a", "{}", "k", "v" + i % 2), i);
        }
        Chain chain =
                chain(
                        transform("set(attributes[\"x\"], Int(attributes[\"k\"]))"),
                        transform("set(metric.name, \"b\")"));
        assertThat(chain.stages()).isEqualTo(1);
        try (Chain.Result result = chain.process(points.batch)) {
            assertThat(TestPoints.shown(result.batch()))
                    .hasSize(10)
                    .startsWith("b{\"k\":\"v0\"} 0", "b{\"k\":\"v1\"} 1");
            assertThat(result.batch().exemplars.size()).isEqualTo(10);
        }
        try (Chain.Result result = chain.process(points.batch)) {
            assertThat(result.batch().size()).isEqualTo(10);
        }
        assertThat(page()).contains("firn_process_errors_total{processor=\"0\"} 2.0");
    }

    @Test
    void droppedPointsAreCountedWithTheirFilter() {
        for (int i = 0; i < 4; i++) {
            points.add(points.series(i == 0 ? "drop" : "keep", "{}"), i);
        }
        Chain chain = chain(filter("metric.name == \"drop\"", "value_int > 2"));
        try (Chain.Result result = chain.process(points.batch)) {
            assertThat(TestPoints.shown(result.batch())).containsExactly("keep{} 1", "keep{} 2");
            assertThat(result.batch().exemplars.size()).isEqualTo(2);
            assertThat(result.batch().exemplars.pointRow[1]).isEqualTo(1);
        }
        assertThat(page())
                .contains("otelcol_processor_filter_datapoints_filtered_total{filter=\"0\"} 2.0");
    }

    @Test
    void allDroppedLeavesAnEmptyBatch() {
        points.add(points.series("drop", "{}"), 1);
        Chain chain = chain(filter("metric.name == \"drop\""), transform("set(flags, 1)"));
        try (Chain.Result result = chain.process(points.batch)) {
            assertThat(result.batch().size()).isZero();
        }
        assertThat(points.batch.size()).isEqualTo(1);
    }

    @Test
    void aForgottenSeriesIsMadeAnew() {
        points.add(points.series("a", "{}"), 1);
        Chain chain = chain(transform("set(metric.name, \"b\")"));
        Series first = only(chain);
        assertThat(only(chain)).isSameAs(first);
        points.clock.advance(1_000);
        assertThat(points.registry.evictIdle(10)).isEqualTo(2);
        assertThat(first.evicted).isTrue();
        Series second = only(chain);
        assertThat(second).isNotSameAs(first);
        assertThat(second.evicted).isFalse();
        assertThat(second.fingerprint()).isEqualTo(first.fingerprint());
    }

    @Test
    void usedSeriesAreNotForgotten() {
        points.add(points.series("a", "{}"), 1);
        Chain chain = chain(transform("set(metric.name, \"b\")"));
        Series first = only(chain);
        points.clock.advance(1_000);
        assertThat(only(chain)).isSameAs(first);
        assertThat(points.registry.evictIdle(10)).isZero();
    }

    private Series only(Chain chain) {
        try (Chain.Result result = chain.process(points.batch)) {
            return result.batch().numbers.series[0];
        }
    }

    @Test
    void pointsOfSeriesThatLostAPartGoToTheAggregator() {
        points.add(points.series("a", "{}", "k", "1"), 1)
                .add(points.series("a", "{}", "k", "2"), 2)
                .add(points.series("a", "{}", "l", "3"), 3);
        for (String where : List.of("", " where value_int < 10")) {
            Chain chain = chain(new Summing(), transform("delete_key(attributes, \"k\")" + where));
            try (Chain.Result result = chain.process(points.batch)) {
                assertThat(TestPoints.shown(result.batch()))
                        .containsExactly("a{\"l\":\"3\"} 3", "a{} 3");
            }
        }
        Chain adding = chain(new Summing(), transform("set(attributes[\"n\"], 1)"));
        try (Chain.Result result = adding.process(points.batch)) {
            assertThat(result.batch().size()).isEqualTo(3);
        }
    }

    /// Sees what statements wrote, too.
    @Test
    void theAggregatorGetsTheValuesThatStatementsSet() {
        points.add(points.series("a", "{}", "k", "1"), 1)
                .add(points.series("a", "{}", "k", "2"), 2);
        Chain chain =
                chain(
                        new Summing(),
                        transform(
                                "set(value_int, value_int * 10) where value_int == 2",
                                "delete_key(attributes, \"k\") where flags == 0"));
        try (Chain.Result result = chain.process(points.batch)) {
            assertThat(TestPoints.shown(result.batch())).containsExactly("a{} 21");
        }
    }

    /// Adds everything up.
    private static final class Summing implements Aggregator {
        @Override
        public Pass begin(Batch from, Batch out) {
            return new Pass() {
                private long sum;
                private @Nullable Series series;

                @Override
                public void add(Points points, int row, Series as) {
                    sum += from.numbers.bits[row];
                    series = as;
                }

                @Override
                public void end() {
                    if (series != null) {
                        out.numbers.add(
                                series, TestPoints.TIME, 0, 0, dev.firn.model.Numbers.INT, sum);
                    }
                }
            };
        }
    }

    @Test
    void anErrorThatPropagatesRefusesTheRequest() {
        points.add(points.series("a", "{}", "k", "x"), 1);
        for (String statement :
                List.of(
                        "set(attributes[\"k\"], Int(attributes[\"k\"]))",
                        "set(value_int, Int(attributes[\"k\"]))")) {
            Chain chain = chain(transform(ErrorMode.PROPAGATE, statement));
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> chain.process(points.batch))
                        .isInstanceOf(Intake.Overloaded.class)
                        .hasMessageContaining(
                                "processor 0: " + statement + ": \"x\" is no integer");
            }
        }
    }

    @Test
    void statementsBehindAFailedOneStillRun() {
        points.add(points.series("a", "{}", "k", "x"), 1);
        Chain chain =
                chain(
                        transform(
                                ErrorMode.SILENT,
                                "set(attributes[\"n\"], Int(attributes[\"k\"]))",
                                "set(attributes[\"m\"], \"y\")",
                                "set(value_int, Int(attributes[\"k\"]))",
                                "set(value_int, 8)"));
        assertThat(chain.stages()).isEqualTo(2);
        try (Chain.Result result = chain.process(points.batch)) {
            assertThat(TestPoints.shown(result.batch()))
                    .containsExactly("a{\"k\":\"x\",\"m\":\"y\"} 8");
        }
    }

    @Test
    void manyThreadsMayUseOneChain() throws InterruptedException {
        for (int i = 0; i < 200; i++) {
            points.add(points.series("a", "{}", "k", "v" + i % 50), i);
        }
        Chain chain =
                chain(
                        transform(
                                "set(attributes[\"x\"], metric.name)",
                                "set(value_int, value_int + 1)"),
                        filter("attributes[\"k\"] == \"v7\""));
        List<String> expected;
        try (Chain.Result result = chain.process(points.batch)) {
            expected = TestPoints.shown(result.batch());
        }
        assertThat(expected).hasSize(196);
        var wrong = new java.util.concurrent.ConcurrentLinkedQueue<String>();
        var threads = new ArrayList<Thread>();
        for (int t = 0; t < 4; t++) {
            threads.add(
                    Thread.ofVirtual()
                            .start(() -> {
                                for (int i = 0; i < 200; i++) {
                                    try (Chain.Result result = chain.process(points.batch)) {
                                        if (!TestPoints.shown(result.batch()).equals(expected)) {
                                            wrong.add("differs");
                                        }
                                    } catch (RuntimeException e) {
                                        wrong.add(e.toString());
                                    }
                                }
                            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(wrong).isEmpty();
    }
}

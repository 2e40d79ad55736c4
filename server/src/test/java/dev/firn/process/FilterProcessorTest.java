package dev.firn.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.OwnMetrics;
import dev.firn.config.AttributeMatch;
import dev.firn.config.ErrorMode;
import dev.firn.config.FilterProcessorConfig;
import dev.firn.config.MatchType;
import dev.firn.config.MetricMatch;
import dev.firn.config.Statement;
import dev.firn.config.StatementGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FilterProcessorTest {
    private final TestPoints points = new TestPoints();
    private final Processors processors =
            new Processors(points.registry, points.clock, new OwnMetrics());

    FilterProcessorTest() {
        String eu = "{\"n\":1,\"region\":\"eu\"}";
        points.add(points.series("otelcol_up", eu), 1)
                .add(points.series("http.requests", eu, "route", "/a"), 2)
                .add(points.series("http.errors", "{\"region\":\"us\"}", "route", "/b"), 3)
                .add(points.series("cpu", "{}"), 4);
    }

    private List<Long> left(FilterProcessorConfig config) {
        Chain chain = processors.chain("p", List.of(config), null);
        try (Chain.Result result = chain.process(points.batch)) {
            var values = new ArrayList<Long>();
            for (int row = 0; row < result.batch().numbers.size(); row++) {
                values.add(result.batch().numbers.bits[row]);
            }
            return values;
        }
    }

    private List<Long> left(@Nullable MetricMatch include, @Nullable MetricMatch exclude) {
        return left(
                new FilterProcessorConfig(
                        ErrorMode.IGNORE,
                        Optional.ofNullable(include),
                        Optional.ofNullable(exclude),
                        List.of()));
    }

    private List<Long> left(String context, String... conditions) {
        List<Statement> texts =
                List.of(conditions).stream().map(text -> new Statement(text, "f:1", "p")).toList();
        return left(
                new FilterProcessorConfig(
                        ErrorMode.IGNORE,
                        Optional.empty(),
                        Optional.empty(),
                        List.of(new StatementGroup(context, ErrorMode.IGNORE, texts, List.of()))));
    }

    private static MetricMatch names(MatchType type, String... names) {
        return new MetricMatch(type, List.of(names), List.of());
    }

    private static MetricMatch resource(MatchType type, String key, @Nullable Object value) {
        return new MetricMatch(type, List.of(), List.of(new AttributeMatch(key, value)));
    }

    @Test
    void metricNamesAreMatchedStrictlyOrByPattern() {
        assertThat(left(names(MatchType.STRICT, "cpu", "http"), null)).containsExactly(4L);
        assertThat(left(null, names(MatchType.REGEXP, "^otelcol_.*"))).containsExactly(2L, 3L, 4L);
        assertThat(left(names(MatchType.REGEXP, "http"), names(MatchType.STRICT, "http.errors")))
                .containsExactly(2L);
    }

    @Test
    void resourceAttributesAreMatchedWithTheirTypes() {
        assertThat(left(resource(MatchType.STRICT, "region", "eu"), null)).containsExactly(1L, 2L);
        assertThat(left(resource(MatchType.REGEXP, "region", "e|s"), null))
                .containsExactly(1L, 2L, 3L);
        assertThat(left(null, resource(MatchType.STRICT, "region", null))).containsExactly(4L);
        assertThat(left(null, resource(MatchType.STRICT, "n", 1L))).containsExactly(3L, 4L);
        assertThat(left(null, resource(MatchType.STRICT, "n", "1"))).hasSize(4);
        assertThat(left(null, resource(MatchType.REGEXP, "n", "1"))).containsExactly(3L, 4L);
    }

    /// As a Collector: include wants both, exclude is content with one.
    @Test
    void namesAndResourceTogether() {
        var both =
                new MetricMatch(
                        MatchType.STRICT,
                        List.of("http.requests", "http.errors"),
                        List.of(new AttributeMatch("region", "eu")));
        assertThat(left(both, null)).containsExactly(2L);
        assertThat(left(null, both)).containsExactly(4L);
    }

    @Test
    void conditionsOfEveryContextDrop() {
        assertThat(left("metric", "IsMatch(name, \"^otelcol_\")")).containsExactly(2L, 3L, 4L);
        assertThat(left("resource", "attributes[\"region\"] == \"us\""))
                .containsExactly(1L, 2L, 4L);
        assertThat(left("datapoint", "attributes[\"route\"] == \"/a\"", "value_int == 4"))
                .containsExactly(1L, 3L);
        assertThat(
                        left(
                                "",
                                "metric.name == \"cpu\"",
                                "datapoint.value_int == 1",
                                "resource.attributes[\"region\"] == \"us\""))
                .containsExactly(2L);
        assertThat(left("datapoint", "Int(metric.name) == 1", "value_int == 2"))
                .containsExactly(1L, 3L, 4L);
    }
}

package dev.firn.query.promql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.query.promql.eval.MemorySource;
import dev.firn.query.promql.eval.QueryEngine;
import dev.firn.query.promql.eval.QueryException;
import dev.firn.query.promql.eval.QueryOptions;
import dev.firn.query.promql.eval.QueryResult;
import dev.firn.query.promql.eval.QueryValue;
import dev.firn.query.promql.eval.SeriesSource;
import dev.firn.query.promql.lang.Features;
import dev.firn.query.promql.value.Labels;
import dev.firn.query.promql.value.Samples;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class QueryEngineTest {
    private static final QueryOptions SMALL = options(1000);

    private static QueryOptions options(long samplesMax) {
        return new QueryOptions(
                Features.ALL,
                300_000,
                60_000,
                false,
                false,
                false,
                samplesMax,
                Duration.ofSeconds(10));
    }

    private static MemorySource source(int series, int samples) {
        var source = new MemorySource();
        var random = new Random(series);
        for (int s = 0; s < series; s++) {
            long[] times = new long[samples];
            double[] values = new double[samples];
            for (int i = 0; i < samples; i++) {
                times[i] = i * 15_000L;
                values[i] = random.nextInt(1000);
            }
            source.put(Labels.of(Map.of("__name__", "x", "s", "" + s)), Samples.of(times, values));
        }
        return source;
    }

    private static QueryException.Kind kindOf(Runnable query) {
        try {
            query.run();
        } catch (QueryException e) {
            return e.kind();
        }
        throw new AssertionError("no error");
    }

    @Test
    void samplesAreLimited() {
        var engine = new QueryEngine(SMALL, () -> 0L);
        SeriesSource many = source(10, 2000);
        assertThat(kindOf(() -> engine.instant("sum(x)", 60_000, many, () -> false)))
                .isEqualTo(QueryException.Kind.TOO_MANY_SAMPLES);
        QueryResult small = engine.instant("sum(x)", 60_000, source(10, 20), () -> false);
        assertThat(small.samplesPeak()).isPositive().isLessThan(1000);
    }

    /// Raw samples count while their series goes by, not all at once.
    @Test
    void seriesStreamThroughTheLimit() {
        var engine = new QueryEngine(options(3000), () -> 0L);
        QueryResult result =
                engine.instant("sum(rate(x[5m]))", 600_000, source(100, 1000), () -> false);
        assertThat(result.samplesPeak()).isBetween(1000L, 1500L);
    }

    @Test
    void timeAndCancelEndQueries() {
        var clock = new AtomicLong();
        var engine =
                new QueryEngine(
                        options(1_000_000), () -> clock.addAndGet(Duration.ofSeconds(4).toNanos()));
        assertThat(kindOf(() -> engine.instant("sum(x)", 60_000, source(20, 5), () -> false)))
                .isEqualTo(QueryException.Kind.TIMEOUT);
        var still = new QueryEngine(options(1_000_000), () -> 0L);
        assertThat(kindOf(() -> still.instant("sum(x)", 60_000, source(20, 5), () -> true)))
                .isEqualTo(QueryException.Kind.CANCELED);
    }

    @Test
    void stepsAreLimited() {
        var engine = new QueryEngine(SMALL, () -> 0L);
        assertThatThrownBy(
                        () -> engine.range("1", 0, 10_000_000_000L, 1, source(1, 1), () -> false))
                .isInstanceOf(QueryException.class)
                .hasMessageContaining("steps");
    }

    /// Each step of a range query equals the instant query there; many kinds of expressions.
    @Test
    void rangesEqualTheirInstants() {
        var engine = new QueryEngine(options(10_000_000), () -> 0L);
        SeriesSource source = source(7, 200);
        for (String query :
                new String[] {
                    "x",
                    "sum(x) / count(x)",
                    "rate(x[2m])",
                    "topk(2, x)",
                    "avg_over_time(x[5m:30s])",
                    "x > 500",
                    "x and x > 300",
                    "quantile(0.3, x) + on() group_right() x",
                    "changes(x[3m])",
                    "x offset 45s",
                    "deriv(x[10m])",
                    "stddev without (s) (x)",
                    "clamp(x, 100, scalar(max(x)) - 50)"
                }) {
            equalInstants(engine, source, query);
        }
    }

    private static void equalInstants(QueryEngine engine, SeriesSource source, String query) {
        QueryResult range = engine.range(query, 300_000, 2_400_000, 70_000, source, () -> false);
        var matrix = (QueryValue.Matrix) range.value();
        int points = 0;
        for (long at = 300_000; at <= 2_400_000; at += 70_000) {
            long time = at;
            var vector = (QueryValue.Vector) engine.instant(query, at, source, () -> false).value();
            for (QueryValue.Sample sample : vector.samples()) {
                QueryValue.Series series =
                        matrix.series().stream()
                                .filter(each -> each.labels().equals(sample.labels()))
                                .findFirst()
                                .orElseThrow();
                int i = Arrays.binarySearch(series.samples().times(), time);
                assertThat(i).as("%s at %d", query, time).isNotNegative();
                assertThat(series.samples().values()[i]).isEqualTo(sample.value());
                points++;
            }
        }
        long total =
                matrix.series().stream().mapToLong(each -> each.samples().times().length).sum();
        assertThat(total).as(query).isEqualTo(points).isPositive();
    }
}

package dev.firn.analyse.quality;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.config.QueryClassesConfig;
import dev.firn.query.Answer;
import dev.firn.query.EngineQueries;
import dev.firn.query.Queries;
import dev.firn.query.StoreViews;
import dev.firn.query.TestStore;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Latencies of seven days after four weeks in which nothing is wrong: slower by day than by night,
/// bursts of sixty times the events, hours with few, each hour with a shape of its own.
class CleanWeekDistributionTest {
    private static final double[] BOUNDS = {0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5};
    private static final long HOUR = 3_600;
    private static final int HOURS_A_WEEK = 168;

    /// Every fourth hour is looked at, with the one before it.
    private static final long STEP = 4 * HOUR;

    private static final int WEEKS = 5;
    private static final int SERVICES = 2;
    private static final String EVENTS_MIN = "1000";

    @TempDir Path data;
    private final Random random = new Random(4);

    @Test
    void nothingIsFoundUntilSomethingIs() throws InterruptedException {
        try (var store = new TestStore(data)) {
            StoreViews.define(store.client, TestStore.DATABASE, false);
            var queries =
                    new EngineQueries(
                            store.client,
                            TestStore.DATABASE,
                            QueryClassesConfig.DEFAULT,
                            Clock.system(),
                            new OwnMetrics());
            long next = Clock.system().millis() / 1_000 / (24 * HOUR) * (24 * HOUR);
            long begin = next - WEEKS * HOURS_A_WEEK * HOUR;
            defineSeries(store);
            for (int service = 0; service < SERVICES; service++) {
                insert(store, service, begin, WEEKS * HOURS_A_WEEK, 1);
            }
            insert(store, SERVICES, begin, WEEKS * HOURS_A_WEEK - 2, 1);
            insert(store, SERVICES, next - 2 * HOUR, 2, 2.5); // slower in the last two hours
            store.client.execute(
                    "INSERT INTO otel_metrics.firn_rollup_state VALUES (toDateTime(%d, 'UTC'), 18446744073709551615)"
                            .formatted(next));

            var wrong = new TreeSet<String>();
            var compared = new TreeSet<String>();
            for (long hour = next - HOURS_A_WEEK * HOUR + STEP - HOUR; hour < next; hour += STEP) {
                for (Finding one : findings(queries, hour)) {
                    compared.add(one.metric() + " " + one.service());
                    if (QualityRules.NONE.isWrong(one)) {
                        wrong.add("%s %s %d".formatted(one.metric(), one.service(), hour));
                    }
                }
            }
            assertThat(compared).hasSize(2 * (SERVICES + 1));
            assertThat(wrong)
                    .containsExactly(
                            "took s%d %d".formatted(SERVICES, next - HOUR),
                            "wait s%d %d".formatted(SERVICES, next - HOUR));
        }
    }

    private static Iterable<Finding> findings(Queries queries, long hour)
            throws InterruptedException {
        Answer answer =
                queries.ask(
                        new Queries.Question(
                                "quality/check_distribution",
                                Map.of("hour", Long.toString(hour), "events_min", EVENTS_MIN),
                                Queries.UserClass.SCHEDULED,
                                false));
        return IntStream.range(0, answer.size())
                .mapToObj(row ->
                        new Finding(
                                Check.of(answer.text(row, 0)),
                                answer.text(row, 1),
                                answer.text(row, 2),
                                answer.text(row, 3),
                                answer.text(row, 4),
                                answer.real(row, 5),
                                answer.real(row, 6),
                                answer.number(row, 7),
                                answer.number(row, 8),
                                answer.text(row, 9)))
                .toList();
    }

    private static void defineSeries(TestStore store) throws InterruptedException {
        var rows = new StringBuilder();
        for (int service = 0; service <= SERVICES; service++) {
            for (boolean exponential : new boolean[] {false, true}) {
                rows.append(
                        "(%d, %d, 'x', '%s', '%shistogram', 's', 's%d', '{}', '{}', 30000, today(), today()),"
                                .formatted(
                                        exponential ? 2 : 1,
                                        service,
                                        exponential ? "wait" : "took",
                                        exponential ? "exponential_" : "",
                                        service));
            }
        }
        insert(
                store,
                "series (metric_id, series_id, fingerprint, metric_name, type, unit, service_name, resource, attributes, retention_days, first_seen, last_seen)",
                rows);
    }

    private void insert(TestStore store, int service, long from, int hours, double slower)
            throws InterruptedException {
        var rows = new StringBuilder();
        for (int i = 0; i < hours; i++) {
            long time = from + i * HOUR;
            double day = 1 + 0.5 * Math.sin(time % (24 * HOUR) * 2 * Math.PI / (24 * HOUR));
            for (boolean exponential : new boolean[] {false, true}) {
                double median = slower * day * 0.1 * Math.exp(random.nextGaussian() / 10);
                int events =
                        slower > 1
                                ? 4_000
                                : random.nextInt(20) == 0
                                        ? 100 + random.nextInt(400)
                                        : 1_500 << random.nextInt(6);
                long[] buckets = buckets(exponential, median, events);
                rows.append(
                        "(%d, %d, toDateTime(%d, 'UTC'), 1, %d, %s, %s, 2, -80, %s, 30000, 1),"
                                .formatted(
                                        exponential ? 2 : 1,
                                        service,
                                        time,
                                        events,
                                        exponential ? "[]" : Arrays.toString(BOUNDS),
                                        exponential ? "[]" : Arrays.toString(buckets),
                                        exponential ? Arrays.toString(buckets) : "[]"));
            }
        }
        insert(
                store,
                "rollup_1h (metric_id, series_id, time, count, increase, bounds, buckets, scale, positive_offset, positive_buckets, retention_days, version)",
                rows);
    }

    private long[] buckets(boolean exponential, double median, int events) {
        var buckets = new long[exponential ? 160 : BOUNDS.length + 1];
        for (int i = 0; i < events; i++) {
            double value = median * Math.exp(random.nextGaussian() / 2);
            int place;
            if (exponential) {
                place = 80 + (int) Math.floor(Math.log(value) / Math.log(2) * 4);
            } else {
                int at = Arrays.binarySearch(BOUNDS, value);
                place = at < 0 ? -at - 1 : at;
            }
            buckets[Math.clamp(place, 0, buckets.length - 1)]++;
        }
        return buckets;
    }

    private static void insert(TestStore store, String into, StringBuilder values)
            throws InterruptedException {
        values.setLength(values.length() - 1);
        store.client.executeLong("INSERT INTO otel_metrics." + into + " VALUES " + values);
    }
}

package dev.firn.analyse.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.query.CostBook;
import dev.firn.query.QueryCosts;
import dev.firn.query.StateFile;
import dev.firn.query.TestStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QueryMeterTest {
    @TempDir Path data;

    private static void ask(TestStore store, int metric) throws InterruptedException {
        store.client.read(
                "SELECT count() FROM otel_metrics.series WHERE metric_name = 'm%d' FORMAT TSV"
                        .formatted(metric),
                Map.of("query_id", "alert.rule.x", "readonly", "1"),
                Duration.ofSeconds(20));
    }

    private static QueryMeter meter(TestStore store, CostBook book) {
        return new QueryMeter(
                new QueryCosts(store.client), book, 3, Clock.system(), new OwnMetrics());
    }

    private static long total(CostBook book, String metric) {
        return book.entries(0, Long.MAX_VALUE).stream()
                .filter(one -> one.meter().equals("query_microseconds"))
                .filter(one -> one.metric().equals(metric) && one.source().equals("firn/alert"))
                .mapToLong(CostBook.Entry::quantity)
                .sum();
    }

    @Test
    void eachQueryIsWrittenDownOnce() throws Exception {
        try (var store = new TestStore(data.resolve("engine"))) {
            var book = new CostBook(StateFile.open(data));
            QueryMeter meter = meter(store, book);
            ask(store, 1);
            meter.write();
            long first = total(book, "m1");
            assertThat(first).isPositive();
            // one that does not know what was written hears the same and adds nothing
            meter(store, book).write();
            meter.write();
            assertThat(total(book, "m1")).isEqualTo(first);
            ask(store, 2);
            meter.write();
            meter.write();
            meter(store, book).write();
            assertThat(total(book, "m1")).isEqualTo(first);
            assertThat(total(book, "m2")).isPositive();
            ask(store, 1);
            meter.write();
            assertThat(total(book, "m1")).isGreaterThan(first);
        }
    }

    @Test
    void labelsAreWrittenDownWithWhoAskedForThem() throws Exception {
        try (var store = new TestStore(data.resolve("engine"))) {
            var book = new CostBook(StateFile.open(data));
            QueryMeter meter = meter(store, book);
            store.client.read(
                    "SELECT attributes_map['pod'] AS p, count() FROM otel_metrics.series WHERE metric_name = 'm1' GROUP BY p FORMAT TSV",
                    Map.of("query_id", "slo.x", "readonly", "1"),
                    Duration.ofSeconds(20));
            ask(store, 2); // by no label
            meter.write();
            assertThat(book.askedSince(0).keySet())
                    .containsExactly(new QueryCosts.Use("firn/slo", "m1", "pod"));
            assertThat(book.askedSince(System.currentTimeMillis() / 1_000 + 60)).isEmpty();
            assertThat(book.age(System.currentTimeMillis() / 1_000 + 32 * 86_400)).isTrue();
            assertThat(book.askedSince(0)).isEmpty();
        }
    }

    @Test
    void groupsOfAnHourAreBounded() throws Exception {
        try (var store = new TestStore(data.resolve("engine"))) {
            var book = new CostBook(StateFile.open(data));
            QueryMeter meter = meter(store, book);
            for (int metric = 0; metric < 20; metric++) {
                ask(store, metric);
            }
            meter.write();
            ask(store, 99);
            meter.write();
            assertThat(
                            book.entries(0, Long.MAX_VALUE).stream()
                                    .filter(one -> one.meter().equals("query_microseconds"))
                                    .map(CostBook.Entry::metric)
                                    .distinct())
                    .hasSizeLessThanOrEqualTo(4)
                    .contains("__overflow__")
                    .doesNotContain("m99");
        }
    }
}

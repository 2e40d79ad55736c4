package dev.firn.analyse.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.config.QueryClassesConfig;
import dev.firn.query.CostBook;
import dev.firn.query.EngineQueries;
import dev.firn.query.QueryCosts.Use;
import dev.firn.query.ResultTables;
import dev.firn.query.StateFile;
import dev.firn.query.TestStore;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnaskedTest {
    private static final long DAY = 86_400;

    @TempDir Path data;
    private final long now = Clock.system().millis() / 1_000;

    private static CostBook.Entry asked(String metric, long period, long seconds) {
        return new CostBook.Entry(
                period, seconds, "query_microseconds", "", "", "", "", metric, "default/x", 7);
    }

    private static void series(TestStore store, int id, String metric, String attributes)
            throws InterruptedException {
        store.client.execute(
                ("INSERT INTO otel_metrics.series (metric_id, series_id, fingerprint, metric_name, type, attributes_map, first_seen, last_seen)"
                                + " VALUES (%d, %d, '%d', '%s', 'gauge', %s, today(), today())")
                        .formatted(id, id, id, metric, attributes));
    }

    @Test
    void daysThatReachIntoTheLastThirtyCount() throws Exception {
        try (var store = new TestStore(data.resolve("engine"))) {
            var book = new CostBook(StateFile.open(data));
            long border = (now - 30 * DAY) / DAY * DAY; // its day ends within the 30
            for (String metric : List.of("hour", "day", "before", "never")) {
                series(store, metric.hashCode() & 0xffff, metric, "map()");
            }
            book.add(
                    "w",
                    CostBook.Place.NONE,
                    List.of(
                            asked("hour", now / 3_600 * 3_600, 3_600),
                            asked("day", border, DAY),
                            asked("before", border - DAY, DAY)),
                    new long[0]);
            show(store, book);
            var queries =
                    new EngineQueries(
                            store.client,
                            TestStore.DATABASE,
                            QueryClassesConfig.DEFAULT,
                            Clock.system(),
                            new OwnMetrics());
            assertThat(Unasked.read(queries))
                    .extracting(Unasked::metric)
                    .containsExactly("before", "never");
        }
    }

    private void show(TestStore store, CostBook book) throws InterruptedException {
        var tables = new CostTables(new ResultTables(store.client, TestStore.DATABASE), book);
        tables.showAll(now);
        tables.show(Prices.NONE, now);
    }

    @Test
    void savingsTellWhoAsksForTheLabel() throws Exception {
        try (var store = new TestStore(data.resolve("engine"))) {
            var book = new CostBook(StateFile.open(data));
            series(store, 1, "m", "map('http.route', '/a', 'pod', 'p1', 'zone', 'z')");
            series(store, 2, "m", "map('http.route', '/a', 'pod', 'p2', 'zone', 'z')");
            var tables = new CostTables(new ResultTables(store.client, TestStore.DATABASE), book);
            book.asked(List.of(new Use("default/old", "m", "pod")), now - 31 * DAY);
            tables.showAll(now);
            tables.show(Prices.NONE, now);
            book.asked(
                    List.of(
                            new Use("promql/board", "m", "http_route"),
                            new Use("default/all", "m", "*"),
                            new Use("default/pods", "m", "pod"),
                            new Use("default/other", "n", "pod")),
                    now);
            tables.showNew(now);
            assertThat(
                            store.rows(
                                    "SELECT label, series_without, label_asked_by FROM otel_metrics.v_cost_savings ORDER BY label"))
                    .containsExactly(
                            "http.route|2|['default/all','promql/board']",
                            "pod|1|['default/all','default/pods']",
                            "zone|2|['default/all']");
        }
    }
}

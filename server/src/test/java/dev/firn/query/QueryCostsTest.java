package dev.firn.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.query.QueryCosts.Cost;
import dev.firn.query.QueryCosts.Place;
import dev.firn.query.QueryCosts.Told;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the engine's front end counts of queries is what it says in each answer's summary.
final class QueryCostsTest {
    private static final Pattern SUMMARY =
            Pattern.compile("\"read_bytes\":\"(\\d+)\".*\"elapsed_ns\":\"(\\d+)\"");

    @TempDir private static Path data;

    /// Statements, and how many metrics each names.
    private enum Asked {
        NONE("SELECT count(), sum(metric_id) FROM series", 0),
        ONE("SELECT count() FROM series WHERE metric_name = 'm1'", 1),
        THREE("SELECT count() FROM series WHERE metric_name IN ('m1', 'm2', 'm3')", 3);

        private final String sql;
        private final int metrics;

        Asked(String sql, int metrics) {
            this.sql = sql;
            this.metrics = metrics;
        }
    }

    private record Key(String source, String metric) {}

    private record Sum(long micros, long bytes) {
        Sum plus(Sum other) {
            return new Sum(micros + other.micros, bytes + other.bytes);
        }
    }

    @Test
    void sumsAreThoseOfTheAnswers() throws Exception {
        try (var store = new TestStore(data.resolve("engine"));
                var http = HttpClient.newHttpClient()) {
            store.client.execute(
                    "INSERT INTO otel_metrics.series (metric_id, series_id, metric_name) SELECT number % 5,"
                            + " number, 'm' || toString(number % 5) FROM numbers(10000)");
            var costs = new QueryCosts(store.client);
            Place place = costs.after(Place.NONE).place(); // what the store itself asked
            var random = new Random(7);
            var expected = new HashMap<Key, Sum>();
            for (int i = 0; i < 40; i++) {
                Asked asked = Asked.values()[random.nextInt(3)];
                String source = random.nextBoolean() ? "grafana" : "";
                HttpRequest.Builder request =
                        HttpRequest.newBuilder(
                                        URI.create(store.process.url() + "/?database=otel_metrics"))
                                .POST(HttpRequest.BodyPublishers.ofString(asked.sql));
                if (!source.isEmpty()) {
                    request.header("X-Firn-Source", source);
                }
                HttpResponse<String> answer =
                        http.send(request.build(), HttpResponse.BodyHandlers.ofString());
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                add(expected, asked, "default/" + source, answer);
            }
            // A statement is counted a moment after its answer has gone.
            Told told = costs.after(place);
            for (int i = 0; i < 200 && !sums(told).equals(expected); i++) {
                Thread.sleep(50);
                told = costs.after(place);
            }
            assertThat(sums(told)).isEqualTo(expected);
            assertThat(expected.values()).anyMatch(sum -> sum.bytes > 0 && sum.micros > 0);

            // told again until it is written down, then not
            assertThat(costs.after(place)).isEqualTo(told);
            assertThat(costs.after(new Place("another", 9))).isEqualTo(told);
            assertThat(costs.after(told.place()).costs()).isEmpty();
        }
    }

    private static void add(
            Map<Key, Sum> to, Asked asked, String source, HttpResponse<String> answer) {
        String summary = answer.headers().firstValue("X-ClickHouse-Summary").orElseThrow();
        Matcher matcher = SUMMARY.matcher(summary);
        assertThat(matcher.find()).as(summary).isTrue();
        long bytes = Long.parseLong(matcher.group(1));
        long micros = Long.parseLong(matcher.group(2)) / 1_000;
        if (asked.metrics == 0) {
            Sum all = new Sum(Math.max(1, micros), bytes);
            to.merge(new Key(source, "__unattributed__"), all, Sum::plus);
        }
        long left = Math.max(asked.metrics, micros);
        for (int i = 0; i < asked.metrics; i++) {
            int others = asked.metrics - i;
            long its = (left + others - 1) / others; // the first ones get what does not divide
            long itsBytes = (bytes + others - 1) / others;
            left -= its;
            bytes -= itsBytes;
            to.merge(new Key(source, "m" + (i + 1)), new Sum(its, itsBytes), Sum::plus);
        }
    }

    private static Map<Key, Sum> sums(Told told) {
        var sums = new HashMap<Key, Sum>();
        for (Cost one : told.costs()) {
            sums.merge(
                    new Key(one.source(), one.metric()),
                    new Sum(one.micros(), one.bytes()),
                    Sum::plus);
        }
        return sums;
    }

    @Test
    void firnsOwnQueriesAreCountedByTheirRoomAndItsInsertsAreNot() throws Exception {
        try (var store = new TestStore(data.resolve("other"))) {
            var costs = new QueryCosts(store.client);
            Place place = costs.after(Place.NONE).place();
            store.client.execute("INSERT INTO otel_metrics.series (metric_id) VALUES (1)");
            store.client.read(
                    "SELECT count() FROM otel_metrics.series WHERE metric_name = {name:String} FORMAT TSV",
                    Map.of("query_id", "slo.read_names.1", "readonly", "1", "param_name", "m1"),
                    Duration.ofSeconds(20));
            store.client.read(
                    "SELECT count() FROM otel_metrics.series FORMAT TSV",
                    Map.of("query_id", "quality.read_sources.1", "readonly", "1"),
                    Duration.ofSeconds(20));
            assertThat(sums(costs.after(place)).keySet())
                    .containsExactlyInAnyOrder(
                            new Key("firn/slo", "m1"), new Key("firn/quality", "__overhead__"));
        }
    }
}

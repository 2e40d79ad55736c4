package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.engine.child.EngineLibrary;
import dev.firn.ops.load.Answer;
import dev.firn.ops.load.Fault;
import dev.firn.ops.load.Ledger;
import dev.firn.ops.load.Load;
import dev.firn.ops.load.LoadOptions;
import dev.firn.ops.load.Plane;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `metrics_local_v2` of an engine that keeps five days of twelve shows, with what the lake has,
/// the same rows as one of an engine that keeps all twelve.
class ColdAndHotTest {
    private static final long DAY = 86_400 * LoadOptions.SECOND;
    private static final int DAYS = 12;
    private static final String ROWS =
            "SELECT date, metric_name, count(), sum(cityHash64(toString(tuple(*)))) FROM"
                    + " metrics_local_v2 WHERE %s GROUP BY date, metric_name ORDER BY ALL";

    @TempDir Path data;

    private static String engine(int days) {
        return "engine: {endpoint: \"127.0.0.1:0\", library: \"%s\", retention: %dd}"
                .formatted(EngineLibrary.find(), days);
    }

    /// Bodies of a shop with all kinds of points, some of them twice.
    private static List<byte[]> bodies(long from, long to) throws Exception {
        var bodies = new ConcurrentLinkedQueue<byte[]>();
        var load =
                new Load(
                        LoadOptions.history(3, from, to)
                                .withRate(1)
                                .withPlanes(Plane.parse("prod"))
                                .withSteps(1800 * LoadOptions.SECOND, 1800 * LoadOptions.SECOND)
                                .withBodies(2_000, 2),
                        new Ledger(),
                        body -> {
                            bodies.add(body);
                            return new Answer.Accepted(0, "");
                        },
                        Fault::none,
                        Clock.system());
        assertThat(load.run().isClean()).isTrue();
        var all = new ArrayList<>(bodies);
        byte[] first = all.getFirst();
        byte[] again = java.util.Arrays.copyOf(first, first.length + 2); // an unknown, empty field
        again[first.length] = 0x7a;
        all.add(again);
        return all;
    }

    private static void send(Served served, List<byte[]> bodies) {
        bodies.forEach(body -> assertThat(served.send(body).statusCode()).isEqualTo(200));
        Served.await(() -> served.json("/api/firn/v1/wal").get("openPoints").asLong() == 0);
        long newest = served.json("/api/firn/v1/info").get("newest_cut").asLong();
        Served.await(() -> served.json("/api/firn/v1/info").get("engine_cut").asLong() >= newest);
    }

    @Test
    void noRowIsDoubledOrMissingAcrossTheBorder() throws Exception {
        long now = Clock.system().nanos();
        List<byte[]> bodies = bodies(now - DAYS * DAY, now - DAY / 24);
        List<byte[]> early = bodies.subList(0, bodies.size() - 2);
        List<byte[]> late = bodies.subList(bodies.size() - 2, bodies.size()); // with the twin
        long midnight = Math.floorDiv(now, DAY) * DAY;
        String[] spans = {
            "1",
            "timestamp >= fromUnixTimestamp64Nano(toInt64(%d))".formatted(midnight - 3 * DAY),
            "timestamp < fromUnixTimestamp64Nano(toInt64(%d))".formatted(midnight - 2 * DAY),
            ("timestamp >= fromUnixTimestamp64Nano(toInt64(%d)) AND timestamp <"
                            + " fromUnixTimestamp64Nano(toInt64(%d))")
                    .formatted(midnight - 9 * DAY - DAY / 3, midnight - 8 * DAY),
            "environment = 'prod' AND date = today() - 6",
        };
        var expected = new ArrayList<String>();
        try (var whole = new Served(data.resolve("whole"), engine(90))) {
            send(whole, early);
            send(whole, late);
            for (String span : spans) {
                expected.add(whole.sql(ROWS.formatted(span)));
                assertThat(expected.getLast()).isNotEmpty();
            }
            assertThat(whole.sql("SELECT count() FROM metrics_local_cold")).isEqualTo("0");
        }
        try (var cold = new Served(data.resolve("cold"), engine(5))) {
            send(cold, early);
            Served.await(() -> committed(cold));
            send(cold, late); // points from before the border that come after it was drawn
            Served.await(() -> committed(cold));
            String all = expected.getFirst();
            Served.await(() -> cold.sql(ROWS.formatted("1")).equals(all));
            assertThat(Long.parseLong(cold.sql("SELECT count() FROM metrics_local_cold")))
                    .isGreaterThan(1_000);
            assertThat(
                            cold.sql(
                                    "SELECT count() FROM samples WHERE time < now() - INTERVAL 4"
                                            + " DAY"))
                    .isEqualTo("0");
            assertSpans(cold, spans, expected);
            assertFilesAreLeftOut(cold);
        }
        try (var cold = new Served(data.resolve("cold"), engine(30))) { // more, from now on
            assertSpans(cold, spans, expected);
        }
    }

    private static boolean committed(Served served) {
        var info = served.json("/api/firn/v1/info");
        return info.get("lake_cut").asLong() >= info.get("newest_cut").asLong();
    }

    private static void assertSpans(Served served, String[] spans, List<String> expected) {
        for (int i = 0; i < spans.length; i++) {
            assertThat(served.sql(ROWS.formatted(spans[i])))
                    .as(spans[i])
                    .isEqualTo(expected.get(i));
        }
    }

    private static String engineUrl(Served served) {
        return served.running.listening().stream()
                .filter(line -> line.startsWith("engine"))
                .map(line -> line.replaceFirst("^engine *(\\S+).*", "$1"))
                .findFirst()
                .orElseThrow();
    }

    /// Only files of the time that is asked for are opened.
    private static void assertFilesAreLeftOut(Served served) throws Exception {
        String sql =
                "SELECT count() FROM metrics_local_v2 WHERE timestamp > now() - INTERVAL 1 DAY";
        try (var client = HttpClient.newHttpClient()) {
            var answer =
                    client.send(
                            HttpRequest.newBuilder(URI.create(engineUrl(served)))
                                    .POST(HttpRequest.BodyPublishers.ofString(sql))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            String[] files =
                    answer.headers().firstValue("X-Firn-Lake-Files").orElse("0/0").split("/");
            assertThat(files[0])
                    .isEqualTo(
                            served.sql(
                                    "SELECT count() FROM lake_files WHERE time_max > now() -"
                                            + " INTERVAL 1 DAY"));
            assertThat(Integer.parseInt(files[1])).isGreaterThanOrEqualTo(DAYS);
        }
    }
}

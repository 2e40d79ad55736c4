package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.ops.load.Body;
import dev.firn.ops.load.Incident;
import dev.firn.ops.load.Lane;
import dev.firn.ops.load.LedgerSink;
import dev.firn.ops.load.LoadOptions;
import dev.firn.ops.load.Plane;
import dev.firn.ops.load.Shop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An incident of the load generator as a Firn that is served tells of it, by a clock that is moved
/// on: it is seen, and goes again. In between the engine is lost.
class AnomaliesServedTest {
    private static final long SECOND = LoadOptions.SECOND;
    private static final long STEP = 300 * SECOND;
    private static final long DAY = 86_400 * SECOND;
    private static final long PATIENCE_NANOS = 300_000_000_000L;
    private static final String MORE =
            "anomaly: {enabled: %s, grace: 1s}\nforecast: {enabled: %s}\nslo: {enabled: false}\n"
                    + "quality: {enabled: false}\ncost: {enabled: false}";
    private static final Pattern SCORE =
            Pattern.compile(
                    "(?m)^firn_anomaly_score\\{(?=[^}]*service_name=\"checkout\")(?=[^}]*signal=\"latency_p50\")[^}]*} (\\S+)");

    /// The machine's clock, so long ago.
    private static final class Ago implements Clock {
        private volatile long ago;

        private Ago(long ago) {
            this.ago = ago;
        }

        @Override
        public long nanos() {
            return Clock.system().nanos() - ago;
        }

        @Override
        public long ticks() {
            return System.nanoTime();
        }
    }

    @TempDir Path data;

    private static void await(BooleanSupplier condition) {
        Served.patiently(PATIENCE_NANOS, condition);
        assertThat(condition.getAsBoolean()).isTrue();
    }

    private static @Nullable Body send(
            Served served, Lane lane, @Nullable Body first, long untilNanos) {
        Body body = first;
        while (body == null || body.firstNanos() < untilNanos) {
            if (body != null) {
                assertThat(served.send(body.bytes()).statusCode()).isEqualTo(200);
            }
            if (lane.ended()) {
                return null;
            }
            body = lane.next();
        }
        return body;
    }

    private static String alerts(Served served) {
        return served.sql(
                "SELECT DISTINCT state FROM alerts WHERE source = 'anomaly' AND subject['service_name'] = 'checkout' AND rule LIKE 'latency%' ORDER BY state");
    }

    private static List<Double> scores(Served served) {
        var scores = new ArrayList<Double>();
        var matcher = SCORE.matcher(served.get("/metrics").body());
        while (matcher.find()) {
            scores.add(Double.valueOf(matcher.group(1)));
        }
        return scores;
    }

    private void dropEngine() throws IOException {
        try (var paths = Files.walk(data.resolve("engine"))) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    @Test
    void anIncidentIsSeenAndGoesAgainThoughTheEngineIsLostMeanwhile() throws Exception {
        long now = Clock.system().nanos();
        long until = now / DAY * DAY - DAY / 2; // a noon
        long incidentFrom = until - 5 * STEP;
        LoadOptions options =
                LoadOptions.history(4, until - 3 * DAY, until + 7 * STEP)
                        .withPlanes(Plane.parse("prod"))
                        .withRate(60)
                        .withSteps(STEP, STEP)
                        .withBodies(200, 1)
                        .withChange(false, false)
                        .withIncidents(
                                List.of(
                                        new Incident(
                                                Incident.Kind.LATENCY,
                                                null,
                                                "checkout",
                                                null,
                                                6,
                                                incidentFrom,
                                                until)));
        Lane lane = new Shop(options).lanes(LedgerSink.none()).getFirst();
        var clock = new Ago(now - until - 30 * SECOND);
        Body next;
        try (var served = new Served(data, MORE.formatted(false, false), clock)) {
            next = send(served, lane, null, until + 20 * SECOND);
        }
        String rows;
        try (var served = new Served(data, MORE.formatted(true, true), clock)) {
            await(() -> alerts(served).equals("firing"));
            assertThat(
                            served.sql(
                                    "SELECT count() > 2, max(score) > 2, max(severity = 'critical') FROM anomalies FINAL WHERE service_name = 'checkout' AND signal LIKE 'latency%' AND alerting AND toUnixTimestamp(time) >= "
                                            + (incidentFrom / SECOND - 300)))
                    .isEqualTo("1\t1\t1");
            assertThat(scores(served)).isNotEmpty().anyMatch(score -> score > 1);
            assertThat(served.get("/api/firn/v1/alerts?state=firing").body())
                    .contains("checkout")
                    .contains("expected");
            await(() -> !served.sql("SELECT count() FROM forecasts").equals("0"));
            rows = rows(served, until);
            assertThat(rows).isNotEmpty();
        }
        dropEngine();
        try (var served = new Served(data, MORE.formatted(true, true), clock)) {
            await(() -> rows(served, until).equals(rows));
            assertThat(alerts(served)).as("a start ends no alert").isEqualTo("firing");
            assertThat(next).isNotNull();
            send(served, lane, next, Long.MAX_VALUE);
            clock.ago = now - until - 7 * STEP;
            await(() -> alerts(served).equals("resolved"));
            assertThat(scores(served)).isNotEmpty().allMatch(score -> score <= 1);
        }
    }

    /// Empty while there are no such tables.
    private static String rows(Served served, long until) {
        var answer =
                served.post(
                        "/api/firn/v1/sql?format=TSV",
                        "SELECT (SELECT (count(), sum(cityHash64(* EXCEPT version))) FROM anomalies FINAL WHERE toUnixTimestamp(time) < %1$d), (SELECT (count(), sum(cityHash64(*))) FROM anomaly_bands FINAL WHERE toUnixTimestamp(time) < %1$d), (SELECT count() FROM forecasts FINAL WHERE step = 'hour')"
                                .formatted(until / SECOND - 300));
        return answer.statusCode() == 200 ? answer.body() : "";
    }
}

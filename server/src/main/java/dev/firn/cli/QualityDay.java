package dev.firn.cli;

import dev.firn.base.InputException;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/// The daily report of data quality: a day's scores beside those of the day before, and its
/// incidents.
final class QualityDay {
    private static final int SOURCES_MAX = 20;
    private static final int INCIDENTS_MAX = 50;

    private final LocalDate day;

    private QualityDay(LocalDate day) {
        this.day = day;
    }

    static QualityDay of(String text) {
        try {
            return new QualityDay(LocalDate.parse(text));
        } catch (DateTimeException e) {
            throw new InputException("\"" + text + "\" is no day such as 2026-11-30");
        }
    }

    void print(Asked asked) {
        List<JsonNode> sources =
                asked.rows(
                        "SELECT data_plane_id, environment, service_name, sumIf(d.score, date = '%1$s') AS score, sumIf(d.score, date < '%1$s') AS before, countIf(date < '%1$s') AS known, arrayStringConcat(groupArrayArrayIf(failing, date = '%1$s'), ', ') AS failing, sumIf(incidents_began, date = '%1$s') AS began FROM v_data_quality_daily AS d WHERE date IN ('%1$s', '%2$s') GROUP BY data_plane_id, environment, service_name HAVING countIf(date = '%1$s') > 0 ORDER BY score, data_plane_id, environment, service_name"
                                .formatted(day, day.minusDays(1)));
        System.out.println("Data quality of " + day + " (UTC)");
        if (sources.isEmpty()) {
            System.out.println("  no source had points that day, or it is over thirty days ago");
            return;
        }
        System.out.println("Scores (100: no incident; in brackets the day before), lowest first");
        for (JsonNode one : sources.subList(0, Math.min(SOURCES_MAX, sources.size()))) {
            System.out.printf(
                    Locale.ROOT,
                    "  %6.1f (%s)  %s%s%n",
                    one.path("score").asDouble(0),
                    one.path("known").asLong(0) == 0
                            ? "none"
                            : "%.1f".formatted(one.path("before").asDouble(0)),
                    where(one),
                    one.path("failing").asString("").isEmpty()
                            ? ""
                            : ": " + one.path("failing").asString());
        }
        more(sources.size() - SOURCES_MAX);
        incidents(asked);
    }

    private void incidents(Asked asked) {
        List<JsonNode> incidents =
                asked.rows(
                        "SELECT check_id, data_plane_id, environment, service_name, metric_name, toString(first_seen) AS began, if(state = 'resolved', toString(coalesce(resolved_at, last_seen)), '') AS ended, summary FROM quality_incidents WHERE first_seen < toDateTime('%s 00:00:00', 'UTC') AND (state != 'resolved' OR coalesce(resolved_at, last_seen) >= toDateTime('%s 00:00:00', 'UTC')) ORDER BY first_seen, check_id, data_plane_id, environment, service_name, metric_name"
                                .formatted(day.plusDays(1), day));
        System.out.println(incidents.size() + " incidents");
        for (JsonNode one : incidents.subList(0, Math.min(INCIDENTS_MAX, incidents.size()))) {
            String ended = one.path("ended").asString("");
            System.out.printf(
                    "  %-20s %s from %s %s: %s%n",
                    one.path("check_id").asString(),
                    where(one),
                    one.path("began").asString(),
                    ended.isEmpty() ? "on" : "to " + ended,
                    one.path("summary").asString());
        }
        more(incidents.size() - INCIDENTS_MAX);
    }

    private static void more(int left) {
        if (left > 0) {
            System.out.println("  and " + left + " more");
        }
    }

    /// A source or metric, its parts separated by slashes.
    static String where(JsonNode subject) {
        var parts = new ArrayList<String>();
        for (String name : List.of("data_plane_id", "environment", "service_name", "metric_name")) {
            String value = subject.path(name).asString("");
            if (!value.isEmpty()) {
                parts.add(value);
            }
        }
        return String.join("/", parts);
    }
}

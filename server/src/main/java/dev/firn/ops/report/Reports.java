package dev.firn.ops.report;

import dev.firn.config.ReportConfig.Kind;
import dev.firn.engine.EngineSql;
import dev.firn.ops.report.Report.Chart;
import dev.firn.ops.report.Report.Part;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Asks for a report's parts, one after another.
public final class Reports {
    private final Table.Asking asking;
    private final LocalDate day;

    /// The first day of those that costs are added up of.
    private final LocalDate from;

    private final List<Part> parts = new ArrayList<>();

    private Reports(Table.Asking asking, LocalDate from, LocalDate day) {
        this.asking = asking;
        this.from = from;
        this.day = day;
    }

    /// The day that a report is about if none is named: today (UTC), the daily one yesterday.
    public static LocalDate day(Kind kind, Instant now) {
        LocalDate today = now.atOffset(ZoneOffset.UTC).toLocalDate();
        return kind == Kind.DAILY ? today.minusDays(1) : today;
    }

    /// Makes a report.
    ///
    /// @param day as of [#day], or another one
    public static Report make(Kind kind, LocalDate day, Instant now, Table.Asking asking)
            throws InterruptedException {
        var reports = new Reports(asking, kind == Kind.COST ? day.withDayOfMonth(1) : day, day);
        String title =
                switch (kind) {
                    case QUALITY -> reports.quality(day(kind, now));
                    case SLO -> reports.slo();
                    case COST -> reports.cost();
                    case CAPACITY -> reports.capacity();
                    case DAILY -> reports.daily();
                };
        return new Report(
                kind.name().toLowerCase(Locale.ROOT),
                title,
                now.truncatedTo(ChronoUnit.SECONDS).toString(),
                reports.parts);
    }

    /// What holds now is left out of a report of a day long gone.
    private String quality(LocalDate today) throws InterruptedException {
        boolean fresh = !day.isBefore(today.minusDays(1));
        if (fresh) {
            part("Open incidents", "none", "read_incidents");
        }
        scores();
        if (!day.equals(today)) {
            part("Incidents of the day", "no incidents", "read_day_incidents");
        }
        if (fresh) {
            part("Data gaps (missing hours)", "none within seven days", "read_gaps");
            part("Duplicate records", "none", "read_duplicates");
            part("Data freshness", "no points yet", "read_freshness");
            storage();
        }
        return "Data quality of " + day + " (UTC)";
    }

    private String slo() throws InterruptedException {
        objectives();
        return "Objectives";
    }

    private String cost() throws InterruptedException {
        part("Meters of this month", "nothing was metered", "read_meters");
        part("Whose cost it is", "nobody's", "read_costs", bars("service_name", "costs"));
        part("By day", "nothing was metered", "read_growth", lines("day", "costs"));
        return "Cost of the month so far";
    }

    private String capacity() throws InterruptedException {
        part("Disk", "no engine", "read_disk");
        storage();
        part(
                "Growth of thirty days",
                "nothing was metered",
                "read_growth",
                lines("day", "engine_bytes", "lake_bytes"));
        part("Forecasts", "none yet: they need whole days of data", "read_forecasts");
        part("Series of the last whole hour", "none", "read_series", bars("metric_name", "series"));
        return "Capacity";
    }

    private String daily() throws InterruptedException {
        part("HTTP requests", "none that day", "read_traffic");
        part("Points by hour", "nothing was metered", "read_hours", lines("hour", "points"));
        part("Alerts", "none fired", "read_alerts");
        objectives();
        scores();
        part("Incidents of data quality", "no incidents", "read_day_incidents");
        part("Anomalies", "none", "read_anomalies");
        part(
                "Whose cost it was",
                "nothing was metered",
                "read_costs",
                bars("service_name", "costs"));
        storage();
        return "The day " + day + " (UTC)";
    }

    private void objectives() throws InterruptedException {
        part(
                "Objectives",
                "none is evaluated yet",
                "read_objectives",
                bars("slo", "budget_left_percent"));
    }

    private void scores() throws InterruptedException {
        part(
                "Scores (100: no incidents)",
                "no source had points that day",
                "read_scores",
                bars("source", "score"));
    }

    private void storage() throws InterruptedException {
        part("Storage statistics", "nothing is stored", "read_storage", bars("table", "bytes"));
    }

    private static Chart bars(String x, String value) {
        return new Chart(false, x, List.of(value));
    }

    private static Chart lines(String x, String... values) {
        return new Chart(true, x, List.of(values));
    }

    private void part(String title, String none, String file) throws InterruptedException {
        part(title, none, file, Optional.empty());
    }

    private void part(String title, String none, String file, Chart chart)
            throws InterruptedException {
        part(title, none, file, Optional.of(chart));
    }

    private void part(String title, String none, String file, Optional<Chart> chart)
            throws InterruptedException {
        var parameters = Map.of("day", day.toString(), "from", from.toString());
        String sql = EngineSql.read("report/" + file, parameters);
        parts.add(new Part(title, none, asking.ask("report/" + file, sql), chart));
    }
}

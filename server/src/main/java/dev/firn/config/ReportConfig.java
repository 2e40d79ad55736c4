package dev.firn.config;

import dev.firn.config.AlertingConfig.Receiver;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// An entry of `reports`: what is written on a schedule, and where to.
///
/// @param everyNanos counted from midnight of 1970 (UTC): of `1d` a report is made each midnight
/// @param afterNanos so long after that, for what comes late
/// @param directory a folder or `s3://bucket/prefix`, reached as `lake.s3` says; empty: none
public record ReportConfig(
        Kind kind,
        Form form,
        long everyNanos,
        long afterNanos,
        String directory,
        Optional<Receiver> webhook) {
    private static final long SECOND = 1_000_000_000L;
    private static final long DAY = 86_400 * SECOND;
    private static final int MAX = 32;

    /// What a report is about.
    public enum Kind {
        QUALITY,
        SLO,
        COST,
        CAPACITY,
        DAILY
    }

    /// How it is written.
    public enum Form {
        TEXT("text/plain; charset=utf-8", "txt"),
        MARKDOWN("text/markdown; charset=utf-8", "md"),
        HTML("text/html; charset=utf-8", "html"),
        JSON("application/json", "json");

        private final String mediaType;
        private final String ending;

        Form(String mediaType, String ending) {
            this.mediaType = mediaType;
            this.ending = ending;
        }

        /// As `Content-Type` says it.
        public String mediaType() {
            return mediaType;
        }

        /// Of file names, without the dot.
        public String ending() {
            return ending;
        }
    }

    /// What tells it from others, in messages and in the memory of what was made.
    public String name() {
        return String.join(
                " ",
                kind.name().toLowerCase(Locale.ROOT),
                form.name().toLowerCase(Locale.ROOT),
                everyNanos / SECOND + "s",
                directory,
                webhook.map(Receiver::name).orElse(""));
    }

    static List<ReportConfig> readAll(Section root) {
        var all = new ArrayList<ReportConfig>();
        for (Section one : root.sections("reports")) {
            all.add(read(one, "webhook-" + (all.size() + 1)));
        }
        if (all.size() > MAX) {
            root.problem("reports", "there may be " + MAX + " at most");
        }
        return all;
    }

    private static ReportConfig read(Section section, String name) {
        if (!section.has("report")) {
            section.problem("name a report: quality, slo, cost, capacity or daily");
        }
        var report =
                new ReportConfig(
                        section.choice("report", Kind.DAILY, Kind.class),
                        section.choice("format", Form.HTML, Form.class),
                        section.nanos("every", DAY, SECOND, 366 * DAY),
                        section.nanos("after", 600 * SECOND, 0, DAY),
                        section.text("directory", ""),
                        section.has("webhook")
                                ? Optional.of(Receiver.read(section.section("webhook"), name))
                                : Optional.empty());
        if (report.directory.isEmpty() && report.webhook.isEmpty()) {
            section.problem("name where it goes: directory, webhook or both");
        }
        if (report.webhook.stream().anyMatch(webhook -> !webhook.matches().isEmpty())) {
            section.problem("webhook", "matchers are for alerts; a report has no labels");
        }
        section.close();
        return report;
    }
}

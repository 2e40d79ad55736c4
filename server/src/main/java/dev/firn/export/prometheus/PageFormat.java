package dev.firn.export.prometheus;

import dev.firn.model.prometheus.Escaping;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// A format of the page, chosen by the scraper's `Accept` header.
///
/// @param version of the text formats; empty for protobuf
record PageFormat(Syntax syntax, String version, Escaping escaping) {
    /// How samples are written.
    enum Syntax {
        TEXT,
        OPEN_METRICS,
        PROTOBUF
    }

    private static final PageFormat DEFAULT =
            new PageFormat(Syntax.TEXT, "0.0.4", Escaping.UNDERSCORES);

    /// The first format of the header, by weight and then by place, that there is; the text format
    /// if there is none.
    ///
    /// @param openMetrics whether OpenMetrics is offered
    static PageFormat negotiate(String accept, boolean openMetrics) {
        List<Wish> wishes = new ArrayList<>();
        for (String part : accept.split(",")) {
            wishes.add(Wish.of(part));
        }
        wishes.sort(Comparator.comparingDouble(wish -> -wish.weight));
        for (Wish wish : wishes) {
            PageFormat format = wish.weight > 0 ? wish.format(openMetrics) : null;
            if (format != null) {
                return format;
            }
        }
        return DEFAULT;
    }

    /// Value of `Content-Type`.
    String contentType() {
        String type =
                switch (syntax) {
                    case TEXT -> "text/plain; version=" + version + "; charset=utf-8";
                    case OPEN_METRICS ->
                            "application/openmetrics-text; version=" + version + "; charset=utf-8";
                    case PROTOBUF ->
                            "application/vnd.google.protobuf;"
                                    + " proto=io.prometheus.client.MetricFamily;"
                                    + " encoding=delimited";
                };
        return type + "; escaping=" + escaping.written();
    }

    /// One element of `Accept`.
    private record Wish(String type, Map<String, String> parameters, double weight) {
        static Wish of(String part) {
            String[] pieces = part.split(";");
            var parameters = new HashMap<String, String>();
            for (int i = 1; i < pieces.length; i++) {
                int equals = pieces[i].indexOf('=');
                if (equals > 0) {
                    parameters.put(
                            pieces[i].substring(0, equals).strip().toLowerCase(Locale.ROOT),
                            unquoted(pieces[i].substring(equals + 1).strip()));
                }
            }
            return new Wish(
                    pieces[0].strip().toLowerCase(Locale.ROOT),
                    parameters,
                    weight(parameters.getOrDefault("q", "1")));
        }

        private static String unquoted(String value) {
            return value.length() > 1 && value.startsWith("\"") && value.endsWith("\"")
                    ? value.substring(1, value.length() - 1)
                    : value;
        }

        private static double weight(String text) {
            try {
                return Double.parseDouble(text);
            } catch (NumberFormatException e) {
                return 0;
            }
        }

        @org.jspecify.annotations.Nullable
        PageFormat format(boolean openMetrics) {
            String version = parameters.getOrDefault("version", "");
            Escaping escaping = Escaping.of(parameters.getOrDefault("escaping", ""));
            return switch (type) {
                case "application/vnd.google.protobuf" ->
                        "io.prometheus.client.MetricFamily".equals(parameters.get("proto"))
                                        && "delimited".equals(parameters.get("encoding"))
                                ? new PageFormat(Syntax.PROTOBUF, "", escaping)
                                : null;
                case "application/openmetrics-text" ->
                        openMetrics && (version.isEmpty() || version.equals("0.0.1"))
                                ? new PageFormat(Syntax.OPEN_METRICS, "0.0.1", escaping)
                                : openMetrics && version.equals("1.0.0")
                                        ? new PageFormat(Syntax.OPEN_METRICS, version, escaping)
                                        : null;
                case "text/plain" ->
                        version.equals("1.0.0")
                                ? new PageFormat(Syntax.TEXT, version, escaping)
                                : version.isEmpty() || version.equals("0.0.4")
                                        ? new PageFormat(Syntax.TEXT, "0.0.4", escaping)
                                        : null;
                case "text/*", "*/*" -> DEFAULT;
                default -> null;
            };
        }
    }
}

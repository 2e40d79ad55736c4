package dev.firn.analyse.slo.live;

import dev.firn.analyse.slo.Budgeting;
import dev.firn.analyse.slo.Indicator;
import dev.firn.analyse.slo.Indicator.Good;
import dev.firn.analyse.slo.Matcher;
import dev.firn.analyse.slo.Slo;
import dev.firn.analyse.slo.SloWindow;
import dev.firn.query.SloDefinitions.Definition;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An objective and what the seed's columns say of it.
///
/// @param origin `file:line`, or `slo_definitions`
/// @param row the seed's key and columns: as it stands in `slo_definitions`, or what of a file's
///   definition can be said there; null if it says more
/// @param digest of what is counted: while it is the same, counted minutes stay right
record Defined(Slo slo, String origin, @Nullable Definition row, long digest) {
    /// Where rows come from.
    static final String TABLE = "slo_definitions";

    private static final List<String> HTTP =
            List.of("http.server.request.duration", "http.server.duration");
    private static final String HTTP_NAME = "http_server_duration";
    private static final List<String> STATUS =
            List.of("http.response.status_code", "http.status_code", "http_status_code");
    private static final List<String> ENVIRONMENT =
            List.of("environment", "deployment.environment.name", "deployment.environment");
    private static final String SERVER_ERRORS = "5..";
    private static final long WEEK = 7 * 1440;

    /// Of a file.
    static Defined of(Slo slo) {
        return new Defined(slo, slo.place(), row(slo), digest(slo.indicator()));
    }

    /// Of a row.
    ///
    /// @param metrics names as sent of the row's metric
    static Defined of(Definition row, List<String> metrics) {
        boolean latency = row.sloType().startsWith("latency_p");
        BigDecimal threshold = BigDecimal.valueOf(row.threshold());
        var target =
                switch (row.sloType()) {
                    case "latency_p95" -> new BigDecimal("0.95");
                    case "latency_p99" -> new BigDecimal("0.99");
                    case "error_rate" -> BigDecimal.ONE.subtract(threshold.movePointLeft(2));
                    default -> threshold.movePointLeft(2);
                };
        var errors = List.of(new Matcher(STATUS, Matcher.Op.MATCHES, SERVER_ERRORS));
        var indicator =
                new Indicator(
                        metrics,
                        latency || metrics.containsAll(HTTP)
                                ? Indicator.Type.HISTOGRAM
                                : Indicator.Type.COUNTER,
                        "",
                        List.of(new Matcher(ENVIRONMENT, Matcher.Op.EQUALS, row.environment())),
                        latency ? new Good.Within(threshold) : new Good.AllBut(errors),
                        List.of());
        var slo =
                new Slo(
                        String.join("-", row.environment(), row.metricName(), row.sloType()),
                        "",
                        row.description(),
                        row.metricName(),
                        indicator,
                        target,
                        new SloWindow.Rolling(WEEK),
                        new Budgeting.Occurrences(),
                        Slo.Alerting.BOTH,
                        Map.of("environment", row.environment()),
                        TABLE);
        return new Defined(slo, TABLE, row, digest(indicator));
    }

    /// Names as sent of a metric in the seed's form, where they are known.
    static @Nullable List<String> wellKnown(String metricName) {
        return metricName.equals(HTTP_NAME) ? HTTP : null;
    }

    /// What a definition is in the seed's columns; null if it has more conditions, groups or
    /// another target.
    private static @Nullable Definition row(Slo slo) {
        Indicator indicator = slo.indicator();
        String environment = environment(indicator.where());
        if (environment == null || !indicator.groupBy().isEmpty()) {
            return null;
        }
        String metric =
                indicator.metrics().stream().allMatch(HTTP::contains)
                        ? HTTP_NAME
                        : indicator.metrics().getFirst().replaceAll("[^A-Za-z0-9]+", "_");
        return switch (indicator.good()) {
            case Good.Within(BigDecimal threshold) -> {
                String type =
                        slo.target().compareTo(new BigDecimal("0.95")) == 0
                                ? "latency_p95"
                                : slo.target().compareTo(new BigDecimal("0.99")) == 0
                                        ? "latency_p99"
                                        : "";
                yield type.isEmpty()
                        ? null
                        : new Definition(
                                environment,
                                metric,
                                type,
                                threshold.doubleValue(),
                                slo.description());
            }
            case Good.AllBut(var matchers) ->
                    serverErrors(matchers)
                            ? new Definition(
                                    environment,
                                    metric,
                                    "error_rate",
                                    BigDecimal.ONE
                                            .subtract(slo.target())
                                            .movePointRight(2)
                                            .doubleValue(),
                                    slo.description())
                            : null;
            case Good.Those _, Good.Up _ ->
                    new Definition(
                            environment,
                            metric,
                            "availability",
                            slo.target().movePointRight(2).doubleValue(),
                            slo.description());
        };
    }

    private static @Nullable String environment(List<Matcher> where) {
        return where.size() == 1
                        && where.getFirst().op() == Matcher.Op.EQUALS
                        && where.getFirst().attributes().stream().anyMatch(ENVIRONMENT::contains)
                ? where.getFirst().value()
                : null;
    }

    private static boolean serverErrors(List<Matcher> matchers) {
        return matchers.size() == 1
                && matchers.getFirst().op() == Matcher.Op.MATCHES
                && matchers.getFirst().value().equals(SERVER_ERRORS);
    }

    private static long digest(Indicator indicator) {
        // what the name at Prometheus' edge is does not change what is counted
        var counted =
                new Indicator(
                        indicator.metrics(),
                        indicator.type(),
                        "",
                        indicator.where(),
                        indicator.good(),
                        indicator.groupBy());
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(counted.toString().getBytes(StandardCharsets.UTF_8));
            return java.nio.ByteBuffer.wrap(digest).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}

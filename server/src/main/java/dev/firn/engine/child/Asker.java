package dev.firn.engine.child;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;

/// Who asks, as costs are told apart, and for which metrics where the request says so itself.
///
/// @param source user and source, as `default/grafana`
/// @param metrics empty where the statement must tell
/// @param labels the same
/// @param nobodys what stands for the metric of a statement that names none
record Asker(String source, Set<String> metrics, Set<String> labels, String nobodys) {
    /// Who asks, beside the user: set by dashboards, reports and commands.
    private static final String SOURCE = "x-firn-source";

    /// For the internal user: names of metrics, each URL-encoded, separated by commas.
    private static final String METRICS = "x-firn-metrics";

    /// The same of labels.
    private static final String LABELS = "x-firn-labels";

    static Asker of(Http.Request request, Exchange exchange) {
        String given = request.header(SOURCE);
        String source = given == null || !given.matches("[A-Za-z0-9_.:/ -]{1,64}") ? "" : given;
        return switch (exchange.role()) {
            case READER -> outside(Users.READER, source);
            case ADMIN -> outside(Users.ADMIN, source);
            case INTERNAL ->
                    source.isEmpty()
                            ? new Asker(
                                    Users.INTERNAL + "/" + room(exchange.queryId()),
                                    Set.of(),
                                    Set.of(),
                                    QueryCounts.OVERHEAD)
                            : new Asker(
                                    source,
                                    names(request, METRICS),
                                    names(request, LABELS),
                                    QueryCounts.UNATTRIBUTED);
        };
    }

    private static Asker outside(String user, String source) {
        return new Asker(user + "/" + source, Set.of(), Set.of(), QueryCounts.UNATTRIBUTED);
    }

    /// Firn's own queries are called by their room first.
    private static String room(String queryId) {
        int dot = queryId.indexOf('.');
        return dot < 0 ? "" : queryId.substring(0, dot);
    }

    private static Set<String> names(Http.Request request, String header) {
        String given = request.header(header);
        var names = new TreeSet<String>();
        if (given != null) {
            Arrays.stream(given.split(","))
                    .filter(name -> !name.isEmpty())
                    .map(name -> URLDecoder.decode(name, StandardCharsets.UTF_8))
                    .forEach(names::add);
        }
        return names;
    }

    /// The metrics of a statement.
    Collection<String> metrics(byte[] statement, Exchange exchange) {
        return metrics.isEmpty() ? AskedMetrics.of(statement, exchange.parameters()) : metrics;
    }

    /// The labels of a statement.
    Set<String> labels(byte[] statement, Exchange exchange) {
        return metrics.isEmpty() ? AskedLabels.of(statement, exchange.parameters()) : labels;
    }
}

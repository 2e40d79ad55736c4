package dev.firn.engine.child;

import dev.firn.engine.child.SqlTokens.Kind;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Which labels of points a statement names: keys of its column `attributes_map`, paths of
/// `attributes`, and the columns that come from labels. Either column as a whole, and `*`, are all.
final class AskedLabels {
    /// Stands for all of them.
    static final String ALL = "*";

    private static final int LABELS_MAX = 100;

    /// Columns by the labels that they come from.
    private static final Map<String, List<String>> COLUMNS =
            Map.of(
                    "http_method",
                    List.of("http.request.method", "http.method", "http_method"),
                    "http_route",
                    List.of("http.route", "http_route"),
                    "http_status_code",
                    List.of("http.response.status_code", "http.status_code", "http_status_code"));

    private final SqlTokens tokens;
    private final Map<String, byte[]> parameters;
    private final Set<String> found = new TreeSet<>();

    private AskedLabels(byte[] sql, Map<String, byte[]> parameters) {
        this.tokens = new SqlTokens(sql, sql.length);
        this.parameters = parameters;
    }

    /// The names, up to a hundred.
    static Set<String> of(byte[] sql, Map<String, byte[]> parameters) {
        var asked = new AskedLabels(sql, parameters);
        asked.scan();
        return asked.found;
    }

    private void scan() {
        boolean begins = false;
        tokens.next();
        while (tokens.kind() != Kind.END && tokens.kind() != Kind.BROKEN) {
            if (begins && tokens.isMark('*')) {
                add(ALL);
            }
            begins = tokens.isWord("SELECT") || tokens.isWord("DISTINCT") || tokens.isMark('.');
            String name = name();
            tokens.next();
            switch (name) {
                case "attributes_map" -> key();
                case "attributes" -> path();
                default -> COLUMNS.getOrDefault(name, List.of()).forEach(this::add);
            }
        }
    }

    /// A plain or quoted name; empty for anything else.
    private String name() {
        return switch (tokens.kind()) {
            case WORD -> tokens.text();
            case QUOTED_NAME -> tokens.text().substring(1, tokens.text().length() - 1);
            default -> "";
        };
    }

    private void key() {
        if (!tokens.isMark('[')) {
            add(ALL);
            return;
        }
        tokens.next();
        if (tokens.kind() == Kind.STRING) {
            add(tokens.text().substring(1, tokens.text().length() - 1));
        } else if (tokens.isMark('{')) {
            tokens.next();
            byte[] value = parameters.get(tokens.text());
            add(value == null ? ALL : new String(value, StandardCharsets.UTF_8));
        } else {
            add(ALL);
        }
    }

    private void path() {
        if (!tokens.isMark('.')) {
            add(ALL);
            return;
        }
        var path = new StringBuilder();
        while (tokens.isMark('.')) {
            tokens.next();
            path.append(path.isEmpty() ? "" : ".").append(name());
            tokens.next();
        }
        add(path.toString());
    }

    private void add(String label) {
        if (!label.isEmpty() && found.size() < LABELS_MAX) {
            found.add(label);
        }
    }
}

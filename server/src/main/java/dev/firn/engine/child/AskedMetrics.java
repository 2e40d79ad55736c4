package dev.firn.engine.child;

import dev.firn.engine.child.SqlTokens.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Which metrics a statement names: values that its column `metric_name` is compared with by `=` or
/// `IN`, as texts or as parameters of type `String`. Patterns, other conditions and statements over
/// views that choose a metric themselves name none.
final class AskedMetrics {
    private static final int METRICS_MAX = 100;

    /// Who asks what a metric costs does not ask for the metric.
    private static final String COSTS = "v_cost_";

    private final SqlTokens tokens;
    private final Map<String, byte[]> parameters;
    private final Set<String> found = new TreeSet<>();

    private AskedMetrics(byte[] sql, Map<String, byte[]> parameters) {
        this.tokens = new SqlTokens(sql, sql.length);
        this.parameters = parameters;
    }

    /// The names, up to a hundred; empty where none is told.
    static Set<String> of(byte[] sql, Map<String, byte[]> parameters) {
        var asked = new AskedMetrics(sql, parameters);
        asked.scan();
        return asked.found;
    }

    private void scan() {
        tokens.next();
        while (tokens.kind() != Kind.END && tokens.kind() != Kind.BROKEN) {
            if (tokens.kind() == Kind.WORD && tokens.text().startsWith(COSTS)) {
                found.clear();
                return;
            }
            if (!isColumn()) {
                tokens.next();
                continue;
            }
            tokens.next();
            if (tokens.isMark('=')) {
                tokens.next();
                if (tokens.isMark('=')) {
                    tokens.next();
                }
                value();
            } else if (tokens.isWord("IN")) {
                tokens.next();
                list();
            }
        }
    }

    private boolean isColumn() {
        return switch (tokens.kind()) {
            case WORD -> tokens.text().equals("metric_name");
            case QUOTED_NAME ->
                    tokens.text().substring(1, tokens.text().length() - 1).equals("metric_name");
            default -> false;
        };
    }

    private void list() {
        if (!tokens.isMark('(')) {
            value();
            return;
        }
        do {
            tokens.next();
            value();
        } while (tokens.isMark(','));
    }

    /// One text or parameter; moves behind it.
    private void value() {
        if (tokens.kind() == Kind.STRING) {
            if (tokens.startsWith('\'')) {
                add(unquoted(tokens.text()));
            }
            tokens.next();
        } else if (tokens.isMark('{')) {
            tokens.next();
            String name = tokens.text();
            tokens.next();
            tokens.next();
            byte[] bytes = parameters.get(name);
            if (bytes != null && tokens.isWord("STRING")) {
                add(unescaped(new String(bytes, StandardCharsets.UTF_8)));
            }
            tokens.next();
            tokens.next();
        }
    }

    private void add(String metric) {
        if (!metric.isEmpty() && !metric.startsWith("__") && found.size() < METRICS_MAX) {
            found.add(metric);
        }
    }

    private static String unquoted(String text) {
        return unescaped(text.substring(1, text.length() - 1).replace("''", "'"));
    }

    /// Names have other escapes than these only by mistake.
    private static String unescaped(String text) {
        var plain = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '\\' && i + 1 < text.length()) {
                i++;
            }
            plain.append(text.charAt(i));
        }
        return plain.toString();
    }
}

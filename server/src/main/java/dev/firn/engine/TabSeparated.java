package dev.firn.engine;

import java.util.ArrayList;
import java.util.List;

/// ClickHouse's TSV: values separated by tabs, rows ended by line feeds, both and the backslash
/// escaped within values.
public final class TabSeparated {
    private TabSeparated() {}

    /// The rows of a text.
    public static List<EngineClient.Row> read(String text) {
        var rows = new ArrayList<EngineClient.Row>();
        int from = 0;
        while (from < text.length()) {
            int to = text.indexOf('\n', from);
            to = to < 0 ? text.length() : to;
            rows.add(row(text.substring(from, to)));
            from = to + 1;
        }
        return rows;
    }

    private static EngineClient.Row row(String line) {
        var values = new ArrayList<String>();
        int from = 0;
        while (true) {
            int to = line.indexOf('\t', from);
            values.add(unescape(to < 0 ? line.substring(from) : line.substring(from, to)));
            if (to < 0) {
                return new EngineClient.Row(values);
            }
            from = to + 1;
        }
    }

    /// A value as it stands in a row.
    public static String escape(String value) {
        return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n");
    }

    private static String unescape(String value) {
        if (value.indexOf('\\') < 0) {
            return value;
        }
        var out = new StringBuilder(value.length());
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            out.append(c == '\\' && i + 1 < value.length() ? escaped(value.charAt(++i)) : c);
        }
        return out.toString();
    }

    private static char escaped(char c) {
        return switch (c) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case '0' -> '\0';
            default -> c;
        };
    }
}

package dev.firn.ops.report;

import dev.firn.config.Quantity;
import dev.firn.config.ReportConfig.Form;
import dev.firn.ops.report.Report.Part;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// A report's forms.
public final class ReportText {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final int WIDTH_MAX = 60;

    private ReportText() {}

    /// The report in a form.
    public static String of(Report report, Form form) {
        return switch (form) {
            case TEXT -> text(report);
            case MARKDOWN -> markdown(report);
            case HTML -> ReportPage.of(report);
            case JSON -> MAPPER.writeValueAsString(json(report)) + "\n";
        };
    }

    private static String text(Report report) {
        var out =
                new StringBuilder(report.title())
                        .append("\nas of ")
                        .append(report.at())
                        .append('\n');
        for (Part part : report.parts()) {
            out.append('\n').append(part.title()).append('\n');
            if (part.table().rows().isEmpty()) {
                out.append("  ").append(part.none()).append('\n');
            } else {
                aligned(part.table(), out);
            }
        }
        return out.toString();
    }

    private static void aligned(Table table, StringBuilder out) {
        var lines = new ArrayList<List<String>>();
        lines.add(table.columns());
        for (int row = 0; row < table.rows().size(); row++) {
            lines.add(shown(table, row));
        }
        int last = table.columns().size() - 1;
        var widths = new int[last + 1];
        for (List<String> line : lines) {
            for (int column = 0; column <= last; column++) {
                widths[column] =
                        Math.max(widths[column], Math.min(WIDTH_MAX, line.get(column).length()));
            }
        }
        for (List<String> line : lines) {
            var text = new StringBuilder();
            for (int column = 0; column <= last; column++) {
                boolean right = numeric(table, column);
                text.append("  ")
                        .append(
                                String.format(
                                        Locale.ROOT,
                                        "%"
                                                + (right ? "" : "-")
                                                + Math.max(1, widths[column])
                                                + "s",
                                        line.get(column)));
            }
            out.append(text.toString().stripTrailing()).append('\n');
        }
    }

    private static String markdown(Report report) {
        var out = new StringBuilder("# " + report.title() + "\n\nas of " + report.at() + "\n");
        for (Part part : report.parts()) {
            Table table = part.table();
            out.append("\n## ").append(part.title()).append("\n\n");
            if (table.rows().isEmpty()) {
                out.append(part.none()).append('\n');
                continue;
            }
            out.append("| ").append(String.join(" | ", table.columns())).append(" |\n|");
            for (int column = 0; column < table.columns().size(); column++) {
                out.append(numeric(table, column) ? "--:|" : "---|");
            }
            out.append('\n');
            for (int row = 0; row < table.rows().size(); row++) {
                var cells = shown(table, row).stream().map(ReportText::cell).toList();
                out.append("| ").append(String.join(" | ", cells)).append(" |\n");
            }
        }
        return out.toString();
    }

    private static String cell(String text) {
        return text.replaceAll("([\\\\|*_`<\\[])", "\\\\$1").replaceAll("\\s+", " ");
    }

    private static Map<String, Object> json(Report report) {
        var parts = new ArrayList<Map<String, Object>>();
        for (Part part : report.parts()) {
            var rows = new ArrayList<Map<String, @Nullable Object>>();
            for (List<@Nullable Object> cells : part.table().rows()) {
                var row = new LinkedHashMap<String, @Nullable Object>();
                for (int column = 0; column < cells.size(); column++) {
                    row.put(part.table().columns().get(column), cells.get(column));
                }
                rows.add(row);
            }
            parts.add(Map.of("title", part.title(), "rows", rows));
        }
        var json = new LinkedHashMap<String, Object>();
        json.put("report", report.name());
        json.put("title", report.title());
        json.put("at", report.at());
        json.put("parts", parts);
        return json;
    }

    /// A row for people.
    static List<String> shown(Table table, int row) {
        var cells = new ArrayList<String>();
        for (int column = 0; column < table.columns().size(); column++) {
            cells.add(shown(table.columns().get(column), table.rows().get(row).get(column)));
        }
        return cells;
    }

    /// A value for people: bytes in their unit, numbers grouped and to four digits.
    static String shown(String column, @Nullable Object value) {
        return switch (value) {
            case null -> "";
            case Number number when column.endsWith("bytes") ->
                    Quantity.showBytes(number.longValue());
            case Long number -> String.format(Locale.ROOT, "%,d", number);
            case Double number when Math.abs(number) >= 1_000 || number == Math.rint(number) ->
                    String.format(Locale.ROOT, "%,.0f", number);
            case Double number ->
                    String.format(Locale.ROOT, Math.abs(number) < 1 ? "%.4f" : "%.2f", number);
            default -> value.toString().replaceAll("[\\p{Cc}\\p{Cf}]+", " ");
        };
    }

    static boolean numeric(Table table, int column) {
        return table.rows().stream().anyMatch(row -> row.get(column) instanceof Number);
    }
}

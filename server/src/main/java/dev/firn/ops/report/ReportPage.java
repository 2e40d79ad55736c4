package dev.firn.ops.report;

import dev.firn.ops.report.Report.Part;
import java.util.List;

/// A report as a page that asks for nothing else.
final class ReportPage {
    private static final String STYLE =
            """
            :root{color-scheme:light dark;font:15px/1.5 system-ui,sans-serif}
            body{max-width:75rem;margin:2rem auto;padding:0 1rem}
            .wide{overflow-x:auto}table{border-collapse:collapse;width:100%}
            td,th{text-align:left;vertical-align:top;padding:.2rem .75rem .2rem 0;border-bottom:1px solid #8884}
            .n{text-align:right;font-variant-numeric:tabular-nums}
            svg{display:block;max-width:100%;margin:.5rem 0}svg text{fill:currentColor;font-size:11px}
            """;

    private ReportPage() {}

    static String of(Report report) {
        var html =
                new StringBuilder(
                        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">");
        html.append("<meta name=\"viewport\" content=\"width=device-width\">");
        html.append(
                "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">");
        html.append("<title>Firn: ")
                .append(escaped(report.title()))
                .append("</title><style>")
                .append(STYLE);
        html.append("</style></head><body><h1>")
                .append(escaped(report.title()))
                .append("</h1><p>as of ");
        html.append(escaped(report.at())).append("</p>");
        for (Part part : report.parts()) {
            html.append("<h2>").append(escaped(part.title())).append("</h2>");
            if (part.table().rows().isEmpty()) {
                html.append("<p>").append(escaped(part.none())).append("</p>");
            } else {
                part.chart().ifPresent(chart -> html.append(ReportChart.of(part.table(), chart)));
                table(part.table(), html);
            }
        }
        return html.append("</body></html>\n").toString();
    }

    private static void table(Table table, StringBuilder html) {
        html.append("<div class=\"wide\"><table><tr>");
        for (int column = 0; column < table.columns().size(); column++) {
            html.append(ReportText.numeric(table, column) ? "<th class=\"n\">" : "<th>");
            html.append(escaped(table.columns().get(column)));
        }
        for (int row = 0; row < table.rows().size(); row++) {
            html.append("</tr><tr>");
            List<String> cells = ReportText.shown(table, row);
            for (int column = 0; column < cells.size(); column++) {
                html.append(ReportText.numeric(table, column) ? "<td class=\"n\">" : "<td>");
                html.append(escaped(cells.get(column)));
            }
        }
        html.append("</tr></table></div>");
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
    }
}

package dev.firn.ops.report;

import dev.firn.ops.report.Report.Chart;
import java.util.List;
import java.util.Locale;

/// A part as SVG: lines over its rows, or a bar a row.
final class ReportChart {
    private static final int WIDTH = 720;
    private static final int HEIGHT = 180;
    private static final int LEFT = 80;
    private static final int LABELS = 260;
    private static final int BAR = 18;
    private static final int BARS_MAX = 20;

    /// Told apart also without colours, by their order in the legend.
    private static final List<String> COLORS = List.of("#2f6fdd", "#d9822b", "#3a9a5b");

    private ReportChart() {}

    /// Nothing where there is nothing to draw.
    static String of(Table table, Chart chart) {
        if (table.column(chart.x()) < 0 || !table.columns().containsAll(chart.values())) {
            return "";
        }
        double max = 0;
        int rows = table.rows().size();
        for (String value : chart.values()) {
            for (int row = 0; row < rows; row++) {
                double number = table.number(row, table.column(value));
                max = Double.isNaN(number) ? max : Math.max(max, number);
            }
        }
        if (max <= 0 || (chart.lines() && rows < 2)) {
            return "";
        }
        return chart.lines() ? lines(table, chart, max) : bars(table, chart, max);
    }

    private static String lines(Table table, Chart chart, double max) {
        int rows = table.rows().size();
        var svg = open(HEIGHT + 36, String.join(", ", chart.values()) + " by " + chart.x());
        for (int part = 0; part <= 2; part++) {
            int y = HEIGHT - part * (HEIGHT - 10) / 2;
            svg.append(
                    "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#8886\"/>"
                            .formatted(LEFT, y, WIDTH, y));
            text(
                    svg,
                    LEFT - 6,
                    y + 4,
                    "end",
                    ReportText.shown(chart.values().getFirst(), max * part / 2));
        }
        for (int line = 0; line < chart.values().size(); line++) {
            String name = chart.values().get(line);
            var points = new StringBuilder();
            for (int row = 0; row < rows; row++) {
                double value = table.number(row, table.column(name));
                if (!Double.isNaN(value)) {
                    points.append(
                            String.format(
                                    Locale.ROOT,
                                    "%.1f,%.1f ",
                                    LEFT + (double) row * (WIDTH - LEFT) / (rows - 1),
                                    HEIGHT - Math.max(0, value) / max * (HEIGHT - 10)));
                }
            }
            svg.append(
                    "<polyline fill=\"none\" stroke-width=\"2\" stroke=\"%s\" points=\"%s\"/>"
                            .formatted(
                                    COLORS.get(line % COLORS.size()), points.toString().strip()));
            int x = LEFT + 160 * line;
            svg.append(
                    "<rect x=\"%d\" y=\"%d\" width=\"10\" height=\"10\" fill=\"%s\"/>"
                            .formatted(x, HEIGHT + 23, COLORS.get(line % COLORS.size())));
            text(svg, x + 15, HEIGHT + 32, "start", name);
        }
        text(svg, LEFT, HEIGHT + 15, "start", label(table, chart, 0));
        text(svg, WIDTH, HEIGHT + 15, "end", label(table, chart, rows - 1));
        return svg.append("</svg>").toString();
    }

    private static String bars(Table table, Chart chart, double max) {
        int rows = Math.min(BARS_MAX, table.rows().size());
        String name = chart.values().getFirst();
        var svg = open(rows * BAR + 4, name + " by " + chart.x());
        for (int row = 0; row < rows; row++) {
            double value = table.number(row, table.column(name));
            double width =
                    Double.isNaN(value) ? 0 : Math.max(0, value) / max * (WIDTH - LABELS - 90);
            text(svg, LABELS - 6, row * BAR + 13, "end", label(table, chart, row));
            svg.append(
                    String.format(
                            Locale.ROOT,
                            "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>",
                            LABELS,
                            row * BAR + 2,
                            width,
                            BAR - 4,
                            COLORS.getFirst()));
            text(
                    svg,
                    (int) (LABELS + width + 6),
                    row * BAR + 13,
                    "start",
                    ReportText.shown(name, Double.isNaN(value) ? null : (Object) value));
        }
        return svg.append("</svg>").toString();
    }

    private static StringBuilder open(int height, String what) {
        return new StringBuilder(
                "<svg viewBox=\"0 0 %d %d\" width=\"%d\" role=\"img\" aria-label=\"%s\">"
                        .formatted(WIDTH, height, WIDTH, ReportPage.escaped(what)));
    }

    private static String label(Table table, Chart chart, int row) {
        String text =
                ReportText.shown(chart.x(), table.rows().get(row).get(table.column(chart.x())));
        return text.length() <= 40 ? text : text.substring(0, 39) + "…";
    }

    private static void text(StringBuilder svg, int x, int y, String anchor, String text) {
        svg.append(
                "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>"
                        .formatted(x, y, anchor, ReportPage.escaped(text)));
    }
}

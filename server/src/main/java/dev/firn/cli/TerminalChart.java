package dev.firn.cli;

import dev.firn.query.promql.lang.GoNumber;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// Lines drawn with dots of Braille characters, two by four in a cell.
final class TerminalChart {
    private static final int DOTS_X = 2;
    private static final int DOTS_Y = 4;
    private static final int BLANK = 0x2800;

    /// Bits of a cell's dots by row and column (Unicode, "Braille Patterns").
    private static final int[][] BITS = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};

    private static final int[] COLOURS = {32, 33, 34, 35, 36, 31, 92, 93, 94, 95, 96, 91};

    private final int width;
    private final int height;
    private final boolean coloured;
    private final int[][] cells;
    private final int[][] owners;

    /// @param width cells beside the axis
    /// @param height cells
    TerminalChart(int width, int height, boolean coloured) {
        this.width = width;
        this.height = height;
        this.coloured = coloured;
        this.cells = new int[height][width];
        this.owners = new int[height][width];
        Arrays.stream(owners).forEach(row -> Arrays.fill(row, -1));
    }

    /// A line; times from 0 (left) to 1 (right).
    record Line(double[] times, double[] values) {}

    /// The chart, line by line, with its axis on the left.
    List<String> draw(List<Line> lines) {
        double[] all =
                lines.stream()
                        .flatMapToDouble(line -> Arrays.stream(line.values))
                        .filter(Double::isFinite)
                        .toArray();
        double low = Arrays.stream(all).min().orElse(0);
        double high = Arrays.stream(all).max().orElse(0);
        if (low == high) {
            double around = low == 0 ? 1 : Math.abs(low) / 2;
            low -= around;
            high += around;
        }
        for (int i = 0; i < lines.size(); i++) {
            draw(i, lines.get(i), low, high);
        }
        return text(low, high);
    }

    private void draw(int number, Line line, double low, double high) {
        int lastX = -1;
        int lastY = -1;
        for (int i = 0; i < line.values.length; i++) {
            double value = line.values[i];
            if (!Double.isFinite(value)) {
                lastX = -1;
                continue;
            }
            int x = (int) Math.round(line.times[i] * (width * DOTS_X - 1));
            int y = (int) Math.round((high - value) / (high - low) * (height * DOTS_Y - 1));
            boolean joined = lastX >= 0 && (i == 0 || line.times[i] - line.times[i - 1] < 0.1);
            join(number, joined ? lastX : x, joined ? lastY : y, x, y);
            lastX = x;
            lastY = y;
        }
    }

    private void join(int number, int fromX, int fromY, int toX, int toY) {
        int steps = Math.max(1, Math.max(Math.abs(toX - fromX), Math.abs(toY - fromY)));
        for (int step = 0; step <= steps; step++) {
            int x = fromX + Math.round((toX - fromX) * step / (float) steps);
            int y = fromY + Math.round((toY - fromY) * step / (float) steps);
            cells[y / DOTS_Y][x / DOTS_X] |= BITS[y % DOTS_Y][x % DOTS_X];
            owners[y / DOTS_Y][x / DOTS_X] = number;
        }
    }

    private List<String> text(double low, double high) {
        var rows = new ArrayList<String>();
        for (int row = 0; row < height; row++) {
            boolean named = row == 0 || row == height - 1 || row == height / 2;
            double value = high - (high - low) * row / Math.max(1, height - 1);
            var out = new StringBuilder();
            out.append(String.format("%11s ", named ? label(value) : ""));
            out.append(named ? '┤' : '│');
            for (int column = 0; column < width; column++) {
                String cell = Character.toString(BLANK + cells[row][column]);
                out.append(owners[row][column] < 0 ? " " : coloured(owners[row][column], cell));
            }
            rows.add(out.toString().stripTrailing());
        }
        return rows;
    }

    private static String label(double value) {
        String text =
                GoNumber.general(Double.parseDouble(String.format(Locale.ROOT, "%.4g", value)));
        return text.length() > 11 ? text.substring(0, 11) : text;
    }

    /// Text in a line's colour, if there are colours.
    String coloured(int number, String text) {
        return coloured
                ? "\u001b[" + COLOURS[number % COLOURS.length] + "m" + text + "\u001b[0m"
                : text;
    }
}

package dev.firn.analyse.quality;

import java.util.Locale;
import java.util.OptionalDouble;

/// A score as a small picture, for pages that link to it.
final class Badge {
    private static final double GOOD = 95;
    private static final double FAIR = 80;
    private static final String LABEL = "data quality";
    private static final int LABEL_WIDTH = 86;
    private static final int WIDTH = 136;

    private static final String SVG =
            """
            <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="20" role="img" aria-label="%3$s: %4$s">\
            <title>%3$s: %4$s</title>\
            <rect width="%2$d" height="20" fill="#444"/>\
            <rect x="%2$d" width="%5$d" height="20" fill="%6$s"/>\
            <g fill="#fff" text-anchor="middle" font-family="Verdana,sans-serif" font-size="11">\
            <text x="%7$d" y="14">%3$s</text><text x="%8$d" y="14">%4$s</text></g></svg>
            """;

    private Badge() {}

    /// @param score in percent; empty where there is no source
    static String svg(OptionalDouble score) {
        String says = "unknown";
        String color = "#777";
        if (score.isPresent()) {
            // rounded down: 100 % is only what has no incident
            double shown = Math.floor(score.getAsDouble() * 10) / 10;
            says = String.format(Locale.ROOT, shown == 100 ? "%.0f %%" : "%.1f %%", shown);
            color = shown >= GOOD ? "#2a7d3f" : shown >= FAIR ? "#a86400" : "#b3261e";
        }
        int rest = WIDTH - LABEL_WIDTH;
        return SVG.formatted(
                WIDTH,
                LABEL_WIDTH,
                LABEL,
                says,
                rest,
                color,
                LABEL_WIDTH / 2,
                LABEL_WIDTH + rest / 2);
    }
}

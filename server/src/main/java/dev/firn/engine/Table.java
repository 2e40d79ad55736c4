package dev.firn.engine;

/// The engine's tables of points; columns in the order of their Native blocks.
enum Table {
    SAMPLES("samples", "value, value_int"),
    HISTOGRAMS("histograms", "count, sum, min, max, has, bounds, bucket_counts"),
    EXPONENTIAL_HISTOGRAMS(
            "exponential_histograms",
            "count, sum, min, max, has, scale, zero_count, zero_threshold, positive_offset,"
                    + " positive_counts, negative_offset, negative_counts"),
    SUMMARIES("summaries", "count, sum, quantiles, quantile_values"),
    EXEMPLARS(
            "exemplars", "ordinal, exemplar_time, value, value_int, trace_id, span_id, attributes");

    /// Columns that all of them have.
    private static final String BEFORE = "metric_id, series_id, time, start_time, ";

    private static final String AFTER = ", flags, src, seq, retention_days";

    private final String label;
    private final String columns;
    private final int width;

    Table(String label, String own) {
        this.label = label;
        this.columns = BEFORE + own + AFTER;
        this.width = columns.split(",").length;
    }

    /// Name without the database.
    String label() {
        return label;
    }

    /// Names of the columns, separated by commas.
    String columns() {
        return columns;
    }

    /// Number of columns.
    int width() {
        return width;
    }
}

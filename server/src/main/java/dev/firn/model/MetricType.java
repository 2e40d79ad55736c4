package dev.firn.model;

/// OTLP's five data types. The code is part of the canonical series form and of the WAL: never
/// renumber.
public enum MetricType {
    GAUGE(1, "gauge"),
    SUM(2, "sum"),
    HISTOGRAM(3, "histogram"),
    EXPONENTIAL_HISTOGRAM(4, "exponential_histogram"),
    SUMMARY(5, "summary");

    private static final MetricType[] VALUES = values();

    private final int code;
    private final String label;

    MetricType(int code, String label) {
        this.code = code;
        this.label = label;
    }

    /// The stable number of this type, 1 to 5.
    public int code() {
        return code;
    }

    /// The name in tables and views.
    public String label() {
        return label;
    }

    /// The type with this number.
    public static MetricType of(int code) {
        if (code < 1 || code > VALUES.length) {
            throw new IllegalArgumentException("no metric type has code " + code);
        }
        return VALUES[code - 1];
    }
}

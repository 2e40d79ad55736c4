package dev.firn.analyse.cost;

import java.util.Locale;

/// What is counted; quantities are whole numbers, so that sums are exact.
enum Meter {
    /// Points.
    POINTS("Points", "1000000 Points"),
    /// Points weighted: a histogram counts as its buckets, a summary as its quantiles.
    SAMPLES("Samples", "1000000 Samples"),
    /// Their size in OTLP.
    OTLP_BYTES("B", "GiB"),
    /// Series that were not there in the last 90 days, weighted as samples.
    NEW_SERIES("Series", "1000 Series"),
    /// Series with a point in the hour.
    ACTIVE_SERIES_HOURS("Series-Hours", "1000 Series-Months"),
    /// Bytes in the engine over an hour.
    ENGINE_BYTE_HOURS("B-Hours", "GiB-Months"),
    /// Bytes in the lake over an hour.
    LAKE_BYTE_HOURS("B-Hours", "GiB-Months"),
    /// Time in which the engine worked on queries.
    QUERY_MICROSECONDS("Microseconds", "Hours"),
    /// Bytes that queries read, uncompressed.
    QUERY_READ_BYTES("B", "GiB");

    private static final long MONTH_HOURS = 730;

    private final String unit;
    private final String pricedPer;

    Meter(String unit, String pricedPer) {
        this.unit = unit;
        this.pricedPer = pricedPer;
    }

    /// As in tables and files.
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Of quantities.
    String unit() {
        return unit;
    }

    /// What prices are for.
    String pricedPer() {
        return pricedPer;
    }

    /// The quantity that a price is for; a month has 730 hours.
    long perPrice() {
        return switch (this) {
            case POINTS, SAMPLES -> 1_000_000;
            case NEW_SERIES -> 1_000;
            case ACTIVE_SERIES_HOURS -> 1_000 * MONTH_HOURS;
            case OTLP_BYTES, QUERY_READ_BYTES -> 1L << 30;
            case ENGINE_BYTE_HOURS, LAKE_BYTE_HOURS -> MONTH_HOURS << 30;
            case QUERY_MICROSECONDS -> 3_600_000_000L;
        };
    }

    static Meter of(String label) {
        return valueOf(label.toUpperCase(Locale.ROOT));
    }
}

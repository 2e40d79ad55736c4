package dev.firn.model;

/// OTLP's aggregation temporality; the code is OTLP's own.
public enum Temporality {
    UNSPECIFIED(0, ""),
    DELTA(1, "delta"),
    CUMULATIVE(2, "cumulative");

    private static final Temporality[] VALUES = values();

    private final int code;
    private final String label;

    Temporality(int code, String label) {
        this.code = code;
        this.label = label;
    }

    /// OTLP's enum value.
    public int code() {
        return code;
    }

    /// The name in tables: empty where a type has none (gauges, summaries).
    public String label() {
        return label;
    }

    /// The temporality with OTLP's number; unknown numbers are unspecified, as protobuf's open
    /// enums ask.
    public static Temporality of(int code) {
        return code >= 0 && code < VALUES.length ? VALUES[code] : UNSPECIFIED;
    }
}

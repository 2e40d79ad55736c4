package dev.firn.query.promql.store;

import dev.firn.config.PromqlConfig.Histograms;
import dev.firn.model.MetricType;
import java.util.List;

/// What of a point a Prometheus series shows.
enum Form {
    /// The number itself.
    VALUE(""),
    /// Measurements up to a bound.
    BUCKET("_bucket"),
    /// All measurements.
    COUNT("_count"),
    /// Their sum.
    SUM("_sum"),
    /// A quantile of a summary.
    QUANTILE(""),
    /// The whole histogram.
    NATIVE("");

    private final String suffix;

    Form(String suffix) {
        this.suffix = suffix;
    }

    /// What comes after the family's name.
    String suffix() {
        return suffix;
    }

    /// Whether a point yields a series for each of its bounds, which only the points tell.
    boolean split() {
        return this == BUCKET || this == QUANTILE;
    }

    /// The forms that a type of metric has.
    static List<Form> of(MetricType type, Histograms histograms) {
        return switch (type) {
            case GAUGE, SUM -> List.of(VALUE);
            case EXPONENTIAL_HISTOGRAM -> List.of(NATIVE);
            case SUMMARY -> List.of(QUANTILE, COUNT, SUM);
            case HISTOGRAM ->
                    switch (histograms) {
                        case CLASSIC -> List.of(BUCKET, COUNT, SUM);
                        case NATIVE -> List.of(NATIVE);
                        case BOTH -> List.of(BUCKET, COUNT, SUM, NATIVE);
                    };
        };
    }
}

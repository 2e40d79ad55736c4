package dev.firn.receive;

/// Why a point is refused: the metric's label, and what the sender reads.
enum Reason {
    TIME_MISSING("time_missing", "time_unix_nano is 0"),
    TIME_RANGE("time_range", "time_unix_nano or start_time_unix_nano is beyond 2^63-1"),
    FUTURE("future", "the time is further in the future than limits.future_max"),
    LATE("late", "the time is further in the past than limits.late_max"),
    METRIC_NAME("metric_name", "the metric has no name"),
    HISTOGRAM_SHAPE(
            "histogram_shape",
            "bucket_counts must be one more than explicit_bounds, which must rise strictly"),
    EXPONENTIAL_SHAPE(
            "exponential_shape",
            "scale must be -11 to 20, and offset plus bucket_counts must fit in 32 bits"),
    BUCKETS_MAX("buckets_max", "the point exceeds limits.buckets_per_point_max"),
    ATTRIBUTES_MAX("attributes_max", "the point exceeds limits.attributes_per_point_max"),
    RESOURCE_ATTRIBUTES(
            "resource_attributes",
            "the resource, scope or metadata exceeds limits.attributes_per_resource_max"),
    IDENTITY_BYTES(
            "identity_bytes",
            "resource, scope, metric and attributes exceed limits.identity_bytes_max"),
    VALUES_MAX("values_max", "the request exceeds limits.values_per_request_max"),
    POINTS_MAX("points_max", "the request exceeds limits.points_per_request_max"),
    SERIES_MAX("series_max", "a new series would exceed limits.series_max"),
    SERIES_BYTES_MAX(
            "series_bytes_max",
            "a new series would exceed limits.series_bytes_max, the memory of active series"),
    NEW_SERIES("new_series", "a new series would exceed limits.new_series_per_sender");

    private final String label;
    private final String text;

    Reason(String label, String text) {
        this.label = label;
        this.text = text;
    }

    /// Value of the label `reason`.
    String label() {
        return label;
    }

    /// For the sender.
    String text() {
        return text;
    }
}

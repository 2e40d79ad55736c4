package dev.firn.receive;

import java.time.Duration;

/// What receivers refuse (`limits.…` in the configuration). Refused points are told to the sender
/// as partial success, and counted in `firn_receive_rejected_points_total` by reason.
///
/// @param newSeriesPerSender `limits.new_series_per_sender`: series unknown until now that one
///   sender may bring per minute, and at once
/// @param sendersMax senders that are told apart at a time
/// @param attributesPerPointMax `limits.attributes_per_point_max`
/// @param attributesPerResourceMax `limits.attributes_per_resource_max`: attributes and entities of
///   a resource, attributes of a scope, metadata of a metric, each; the points below are refused
/// @param identityBytesMax `limits.identity_bytes_max`: of resource, scope, metric and attributes
///   together, as sent; also of an exemplar's attributes
/// @param pointsPerRequestMax `limits.points_per_request_max`: points beyond it are refused
/// @param bucketsPerPointMax `limits.buckets_per_point_max`: of a histogram, positive and negative
///   ones each; also quantiles of a summary
/// @param valuesPerRequestMax `limits.values_per_request_max`: counts, bounds and quantiles of all
///   points together; points beyond it are refused
/// @param exemplarsPerPointMax `limits.exemplars_per_point_max`: exemplars beyond it are dropped
///   and counted, the point stays
/// @param exemplarsPerRequestMax `limits.exemplars_per_request_max`: the same for the request
/// @param futureMax `limits.future_max`: points whose time is further ahead of the clock are
///   refused
/// @param lateMax `limits.late_max`: points older than this are refused; a very long time for no
///   limit
/// @param futureCounted points further ahead than this are counted, and stored
/// @param lateCounted points older than this are counted, and stored
public record ReceiveLimits(
        int newSeriesPerSender,
        int sendersMax,
        int attributesPerPointMax,
        int attributesPerResourceMax,
        int identityBytesMax,
        int pointsPerRequestMax,
        int bucketsPerPointMax,
        int valuesPerRequestMax,
        int exemplarsPerPointMax,
        int exemplarsPerRequestMax,
        Duration futureMax,
        Duration lateMax,
        Duration futureCounted,
        Duration lateCounted) {
    /// No bound in practice: the clock has not run that long.
    public static final Duration UNBOUNDED = Duration.ofDays(100_000);

    public ReceiveLimits {
        positive("limits.new_series_per_sender", newSeriesPerSender);
        positive("sendersMax", sendersMax);
        positive("limits.attributes_per_point_max", attributesPerPointMax);
        positive("limits.attributes_per_resource_max", attributesPerResourceMax);
        positive("limits.identity_bytes_max", identityBytesMax);
        positive("limits.points_per_request_max", pointsPerRequestMax);
        positive("limits.buckets_per_point_max", bucketsPerPointMax);
        positive("limits.values_per_request_max", valuesPerRequestMax);
        positive("limits.exemplars_per_point_max", exemplarsPerPointMax);
        positive("limits.exemplars_per_request_max", exemplarsPerRequestMax);
        bounded("limits.future_max", futureMax);
        bounded("limits.late_max", lateMax);
        bounded("futureCounted", futureCounted);
        bounded("lateCounted", lateCounted);
    }

    /// What holds where the configuration says nothing. OpenTelemetry's SDKs allow 128 attributes,
    /// 160 exponential buckets and 2,000 streams a metric by default; these are some way above.
    public static ReceiveLimits defaults() {
        return new ReceiveLimits(
                1_000_000,
                10_000,
                256,
                256,
                1 << 16,
                1_000_000,
                4_096,
                8_000_000,
                1_024,
                200_000,
                Duration.ofHours(24),
                UNBOUNDED,
                Duration.ofMinutes(1),
                Duration.ofHours(1));
    }

    private static void positive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " must be 1 or more, not " + value);
        }
    }

    private static void bounded(String name, Duration value) {
        if (value.isNegative() || value.compareTo(UNBOUNDED) > 0) {
            throw new IllegalArgumentException(
                    name + " must be 0 to " + UNBOUNDED + ", not " + value);
        }
    }
}

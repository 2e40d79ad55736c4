package dev.firn.receive;

import java.time.Duration;

/// What receivers refuse (`limits.…` in the configuration). Refused points are told to the sender
/// as partial success, and counted in `firn_receive_rejected_points_total` by reason.
///
/// @param newSeriesPerSender `limits.new_series_per_sender`: series unknown until now that one
///   sender may bring per minute, and at once
/// @param sendersMax senders that are told apart at a time
/// @param attributesPerPointMax `limits.attributes_per_point_max`
/// @param pointsPerRequestMax `limits.points_per_request_max`: points beyond it are refused
/// @param bucketsPerPointMax `limits.buckets_per_point_max`: of a histogram, positive and negative
///   ones each; also quantiles of a summary
/// @param exemplarsPerPointMax `limits.exemplars_per_point_max`: exemplars beyond it are dropped
///   and counted, the point stays
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
        int pointsPerRequestMax,
        int bucketsPerPointMax,
        int exemplarsPerPointMax,
        Duration futureMax,
        Duration lateMax,
        Duration futureCounted,
        Duration lateCounted) {
    /// No bound in practice: the clock has not run that long.
    public static final Duration UNBOUNDED = Duration.ofDays(100_000);

    public ReceiveLimits {
        positive("new_series_per_sender", newSeriesPerSender);
        positive("senders_max", sendersMax);
        positive("attributes_per_point_max", attributesPerPointMax);
        positive("points_per_request_max", pointsPerRequestMax);
        positive("buckets_per_point_max", bucketsPerPointMax);
        positive("exemplars_per_point_max", exemplarsPerPointMax);
        bounded("future_max", futureMax);
        bounded("late_max", lateMax);
        bounded("future_counted", futureCounted);
        bounded("late_counted", lateCounted);
    }

    /// What holds where the configuration says nothing. OpenTelemetry's SDKs allow 128 attributes,
    /// 160 exponential buckets and 2,000 streams a metric by default; these are some way above.
    public static ReceiveLimits defaults() {
        return new ReceiveLimits(
                1_000_000,
                10_000,
                256,
                1_000_000,
                4_096,
                1_024,
                Duration.ofHours(24),
                UNBOUNDED,
                Duration.ofMinutes(1),
                Duration.ofHours(1));
    }

    private static void positive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(
                    "limits." + name + " must be 1 or more, not " + value);
        }
    }

    private static void bounded(String name, Duration value) {
        if (value.isNegative() || value.compareTo(UNBOUNDED) > 0) {
            throw new IllegalArgumentException(
                    "limits." + name + " must be 0 to " + UNBOUNDED + ", not " + value);
        }
    }
}

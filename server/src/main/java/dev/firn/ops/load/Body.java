package dev.firn.ops.load;

/// An OTLP `ExportMetricsServiceRequest` ready to send, and what is in it. Arrays are not to be
/// written.
///
/// @param lane bodies of one lane are sent one after the other
/// @param sequence within the lane, from 0
/// @param hour since 1970 of all its points
/// @param firstNanos the earliest time of a point
/// @param lastNanos the latest
/// @param pointsByMetric points of each of [Shop#metrics()]
/// @param seriesByMetric series of them that were never sent before
public record Body(
        int lane,
        long sequence,
        byte[] bytes,
        int points,
        long hour,
        long firstNanos,
        long lastNanos,
        int[] pointsByMetric,
        int[] seriesByMetric) {}

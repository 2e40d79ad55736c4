package dev.firn.model;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One stream: the identity that its points share, resolved once. Made by [SeriesRegistry] only, so
/// that within a process one (fingerprint, revision) is one object.
public final class Series {
    private final Metric metric;
    private final String attributes;
    private final Fingerprint fingerprint;
    private final long revision;
    private final int metricId;
    private final WellKnown wellKnown;

    /// Owned by the WAL's writer thread: the segment in which this series was last defined, and its
    /// number there.
    public long walSegment = -1;

    /// See [#walSegment].
    public int walIndex = -1;

    /// Owned by the engine sink's thread: the slot that this series had there last. The sink checks
    /// that the slot is still this series', so that any number here is harmless.
    public int engineSlot;

    /// Owned by the lake sink's thread: the number of this series in the run that it fills, checked
    /// in the same way.
    public int lakeNumber;

    /// Number of the data plane, given by who counts by plane; -1 before that. Whoever sets it,
    /// sets the same.
    public int plane = -1;

    /// Owned by who watches what the engine stored: what it remembers of this series.
    public @Nullable Object watched;

    /// Seconds since 1970 of the last append or replay; written without synchronisation, exact to
    /// the sweep's grain.
    public volatile long lastUsedSeconds;

    /// Set once when the registry forgets the series: caches that still point here must resolve it
    /// anew.
    public volatile boolean evicted;

    Series(
            Metric metric,
            String attributes,
            Fingerprint fingerprint,
            long revision,
            int metricId,
            WellKnown wellKnown) {
        this.metric = Objects.requireNonNull(metric, "metric");
        this.attributes = Objects.requireNonNull(attributes, "attributes");
        this.fingerprint = fingerprint;
        this.revision = revision;
        this.metricId = metricId;
        this.wellKnown = wellKnown;
    }

    /// The metric, with its resource and scope.
    public Metric metric() {
        return metric;
    }

    /// The points' attributes as canonical JSON.
    public String attributes() {
        return attributes;
    }

    /// First 8 bytes of the canonical form's SHA-256, big-endian: column `series_id` (Int64)
    /// everywhere.
    public long id() {
        return fingerprint.high();
    }

    /// First 16 bytes of the canonical form's SHA-256.
    public Fingerprint fingerprint() {
        return fingerprint;
    }

    /// Distinguishes descriptions (description, metadata, schema URLs, …) of one identity.
    public long revision() {
        return revision;
    }

    /// First 4 bytes of the metric name's SHA-256, big-endian: column `metric_id` (UInt32).
    public int metricId() {
        return metricId;
    }

    /// The columns known by name.
    public WellKnown wellKnown() {
        return wellKnown;
    }

    @Override
    public String toString() {
        return metric.name() + attributes + "#" + fingerprint;
    }
}

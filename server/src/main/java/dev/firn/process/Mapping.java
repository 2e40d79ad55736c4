package dev.firn.process;

import dev.firn.model.Series;
import org.jspecify.annotations.Nullable;

/// What the steps of a stage make of a series.
final class Mapping {
    private final @Nullable Series to;
    private final boolean lossy;
    private final @Nullable Step droppedBy;
    private final String failure;

    /// What the aggregator says of the series that it becomes.
    volatile Aggregator.Claim claim = Aggregator.Claim.FREE;

    /// Found by the aggregator for this series; may have ended since.
    volatile Aggregator.@Nullable Passage passage;

    /// Second in which both series were last kept from being forgotten; written without
    /// synchronisation, exact enough for that.
    private long touchedSeconds = Long.MIN_VALUE;

    private Mapping(@Nullable Series to, boolean lossy, @Nullable Step droppedBy, String failure) {
        this.to = to;
        this.lossy = lossy;
        this.droppedBy = droppedBy;
        this.failure = failure;
    }

    /// The series goes on as another, or as itself.
    ///
    /// @param lossy whether other series may have become the same
    static Mapping to(Series to, boolean lossy) {
        return new Mapping(to, lossy, null, "");
    }

    static Mapping dropped(Step by) {
        return new Mapping(null, false, by, "");
    }

    /// A request with this series cannot pass.
    static Mapping failed(String why) {
        return new Mapping(null, false, null, why);
    }

    /// Null if its points are dropped.
    @Nullable Series to() {
        return to;
    }

    boolean lossy() {
        return lossy;
    }

    /// Who dropped it.
    @Nullable Step droppedBy() {
        return droppedBy;
    }

    /// Empty if there was none.
    String failure() {
        return failure;
    }

    /// Keeps both series from being forgotten as idle.
    void touch(Series from, long nowSeconds) {
        if (touchedSeconds != nowSeconds) {
            touchedSeconds = nowSeconds;
            Workshop.touch(from, nowSeconds);
            if (to != null) {
                Workshop.touch(to, nowSeconds);
            }
        }
    }
}

package dev.firn.lake;

import dev.firn.base.OwnMetrics;

/// Starts the runs of one sink, and holds what they share. Used by one thread.
public final class Runs implements PointsRun.Factory {
    /// Limits of the lake's writer.
    ///
    /// @param planesMax planes with a partition of their own (`lake.partition_planes_max`); points
    ///   of the others share the partition `other`
    /// @param fileBytesMax a data file is closed when it reaches this size (`lake.file_max`)
    /// @param seriesWrittenMax series remembered as written; beyond it they are written again
    ///   (`lake.series_written_max`)
    public record Settings(int planesMax, long fileBytesMax, int seriesWrittenMax) {
        /// 64 planes, 256 MiB, 4 M series.
        public static final Settings DEFAULT = new Settings(64, 256L << 20, 4 << 20);

        public Settings {
            if (planesMax < 0 || fileBytesMax < 1 || seriesWrittenMax < 1) {
                throw new IllegalArgumentException("limits of the lake's writer are positive");
            }
        }
    }

    private final Settings settings;
    private final Planes planes;
    private SeriesWritten written;

    public Runs(Settings settings, OwnMetrics metrics) {
        this.settings = settings;
        this.planes =
                new Planes(
                        settings.planesMax(),
                        metrics.counter(
                                "firn_lake_planes_overflow",
                                "Combinations of well-known columns, at each commit, whose plane"
                                        + " has no partition of its own in the lake"));
        this.written = new SeriesWritten(settings.seriesWrittenMax());
    }

    @Override
    public PointsRun start() {
        return new Run(planes, written, settings.fileBytesMax());
    }

    @Override
    public void forgetSeries() {
        written = new SeriesWritten(settings.seriesWrittenMax());
    }
}

package dev.firn.analyse.slo;

import dev.firn.model.PointValue;
import dev.firn.model.Temporality;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Where an objective's points come from: samples in the engine, the lake, or a test's list.
@FunctionalInterface
public interface PointSource {
    /// Hands over each series of an indicator's metrics that has points in a range of minutes.
    ///
    /// Conditions of the indicator may be left to the reader.
    void read(Indicator indicator, SloWindow.Span minutes, Consumer<SeriesPoints> each);

    /// One series with its points.
    ///
    /// @param attributes of resource, scope and point by name, as text; where a name stands twice,
    ///   the point's counts
    /// @param unit the metric's
    /// @param temporality of sums and histograms; unspecified for gauges
    /// @param before of each start time that the series had before the range, the last point; of
    ///   deltas the last point: what increases of the range's first points are taken from
    /// @param points in the range, in any order, possibly several times; and the first after it,
    ///   which says whether the range's end was measured
    /// @param watched whether the stream was being watched
    record SeriesPoints(
            Map<String, String> attributes,
            String unit,
            Temporality temporality,
            List<Point> before,
            List<Point> points,
            Watched watched) {
        public SeriesPoints {
            attributes = Map.copyOf(attributes);
            before = List.copyOf(before);
            points = List.copyOf(points);
        }
    }

    /// Says whether a series that shows up was absent before: a point of the same resource, scope
    /// and metric name is stored at or after `start` and before `time`.
    @FunctionalInterface
    interface Watched {
        /// Both in nanoseconds since 1970.
        boolean between(long start, long time);
    }

    /// One stored point.
    ///
    /// @param time nanoseconds since 1970
    /// @param start the same, 0 if there was none
    /// @param src who stored it
    /// @param seq when it did: of two points that say different things at the same time the one
    ///   with the higher (`src`, `seq`) holds
    /// @param value null for a stale marker
    record Point(long time, long start, long src, long seq, @Nullable PointValue value) {}
}

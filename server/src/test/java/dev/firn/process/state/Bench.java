package dev.firn.process.state;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.base.PowerLossDisk;
import dev.firn.model.Batch;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.PointValue;
import dev.firn.model.Points;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Series;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.model.Temporality;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A room and what tests put into it.
final class Bench {
    static final Path DATA = Path.of("/data");
    static final long SECOND = 1_000_000_000L;

    /// Ten seconds before the clock stands there.
    static final long T0 = 1_800_000_000L * SECOND;

    /// Moves when told to.
    static final class TestClock implements Clock {
        long nanos = T0 + 10 * SECOND;

        @Override
        public long nanos() {
            return nanos;
        }

        @Override
        public long ticks() {
            return nanos;
        }
    }

    final TestClock clock;
    final PowerLossDisk disk;
    final SeriesRegistry registry;
    final OwnMetrics metrics = new OwnMetrics();
    final StateRoom room;

    Bench() {
        this(new PowerLossDisk(DATA), new TestClock(), 1_000);
    }

    Bench(PowerLossDisk disk, TestClock clock, long streamsMax) {
        this.disk = disk;
        this.clock = clock;
        registry = new SeriesRegistry(SeriesIdentity.SHA_256, clock, 1_000_000);
        room = new StateRoom(DATA, disk, clock, metrics, new StateRoom.Limits(streamsMax, SECOND));
    }

    /// Opens the room without a log.
    Bench open() throws InterruptedException {
        room.restore(null);
        return this;
    }

    Series series(MetricType type, Temporality temporality, boolean monotonic, String attributes) {
        var resource = new Resource("{}", "", 0, "");
        var scope = new Scope("", "", "{}", "", 0);
        var metric =
                new Metric(
                        resource, scope, type.label(), "", type, temporality, monotonic, "", "{}");
        return registry.intern(metric, attributes);
    }

    String page() {
        return new String(metrics.page(), StandardCharsets.UTF_8);
    }

    /// A point in a batch, with times in seconds after [#T0]; start 0 is none.
    static void add(Batch batch, Series series, double time, double start, PointValue value) {
        value.addTo(batch, series, nanos(time), start == 0 ? 0 : nanos(start), 0);
    }

    static long nanos(double seconds) {
        return T0 + Math.round(seconds * 1e9);
    }

    /// All points: attributes, (start, time] and value.
    static List<String> lines(Batch batch) {
        var lines = new ArrayList<String>();
        for (Points.Kind kind : Points.Kind.values()) {
            Points points = batch.points(kind);
            for (int row = 0; row < points.size(); row++) {
                lines.add(
                        points.series[row].attributes()
                                + " "
                                + points.series[row].metric().temporality().label()
                                + " ("
                                + after(points.start[row])
                                + ", "
                                + after(points.time[row])
                                + "] "
                                + (points.flags[row] == 0 ? "" : "flags " + points.flags[row] + " ")
                                + value(points, row));
            }
        }
        for (int i = 0; i < batch.exemplars.size(); i++) {
            lines.add(
                    "exemplar of "
                            + batch.exemplars.pointKind[i]
                            + "/"
                            + batch.exemplars.pointRow[i]
                            + " "
                            + batch.exemplars.attributes(i));
        }
        return lines;
    }

    private static String value(Points points, int row) {
        PointValue value = PointValue.of(points, row);
        return switch (value) {
            case null -> "none";
            case dev.firn.model.NumberValue number ->
                    number.form() == 2
                            ? Long.toString(number.bits())
                            : Double.toString(number.real());
            default -> value.toString();
        };
    }

    private static String after(long nanos) {
        if (nanos == 0) {
            return "-";
        }
        long since = nanos - T0;
        String rest = since % SECOND == 0 ? "" : "+" + Math.floorMod(since, SECOND) + "ns";
        return Math.floorDiv(since, SECOND) + rest;
    }
}

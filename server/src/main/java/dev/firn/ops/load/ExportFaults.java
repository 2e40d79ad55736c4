package dev.firn.ops.load;

import dev.firn.ops.load.Incident.Kind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.DoubleUnaryOperator;

/// What goes wrong with the exports of one instance once they are made: faults of data, done to the
/// encoded request that holds one export. What each does stands at its [Kind]. Field numbers are
/// those of OTLP's `metrics.proto`.
final class ExportFaults {
    /// Of `Metric`: where its points are.
    private static final int GAUGE = 5;

    private static final int SUM = 7;
    private static final int HISTOGRAM = 9;
    private static final int EXPONENTIAL = 10;
    private static final int[] DATA = {GAUGE, SUM, HISTOGRAM, EXPONENTIAL, 11};

    /// Of what they are in: `aggregation_temporality`, `is_monotonic`.
    private static final int TEMPORALITY = 2;

    private static final int MONOTONIC = 3;

    /// Of points.
    private static final int START = 2;

    private static final int TIME = 3;
    private static final int REAL = 4;
    private static final int INTEGER = 6;

    private static final long REPEATED_AFTER = 120 * LoadOptions.SECOND;
    private static final long OVERTAKEN_FOR = 150 * LoadOptions.SECOND;
    private static final long LATE_FOR = 1_800 * LoadOptions.SECOND;

    private record Held(long until, byte[] export) {}

    private final Chance chance;
    private final List<Held> held = new ArrayList<>();
    private final Set<Incident> begun = new HashSet<>();
    private long users;

    ExportFaults(Chance chance) {
        this.chance = chance;
    }

    /// Whether an incident acts for the first time.
    boolean begins(Incident incident) {
        return begun.add(incident);
    }

    /// Hands on what was held back until now.
    void release(long now, Consumer<byte[]> out) {
        held.removeIf(one -> {
            boolean due = one.until() <= now;
            if (due) {
                out.accept(one.export());
            }
            return due;
        });
    }

    /// Hands on what becomes of an export.
    void send(byte[] export, long now, List<Incident> faults, Consumer<byte[]> out) {
        var request = new ProtobufMessage(export);
        var more = new ArrayList<byte[]>();
        long delay = 0;
        for (Incident fault : faults) {
            Kind kind = fault.kind();
            boolean hits = chance.unit() < fault.factor();
            switch (kind) {
                case CLOCK_SKEW -> turnAhead(request, (long) (fault.factor() * 1e9));
                case CARDINALITY -> addUsers(request, (int) fault.factor());
                case TYPE_CONFLICT,
                        UNIT_CONFLICT,
                        DESCRIPTION_CONFLICT,
                        TEMPORALITY_FLIP,
                        MONOTONICITY_FLIP,
                        HISTOGRAM_BOUNDS,
                        MISSING_ATTRIBUTES ->
                        more.add(other(export, kind, fault.factor()));
                case DUPLICATES -> repeat(hits, more, export);
                case CONFLICTS -> repeat(hits, more, otherValues(export));
                case REPEATS -> hold(hits, now + REPEATED_AFTER, export);
                case LATE -> delay = hits ? LATE_FOR : delay;
                case OUT_OF_ORDER -> delay = hits ? OVERTAKEN_FOR : delay;
                default -> eachMetric(request, metric -> spoil(hits, metric, kind));
            }
        }
        if (delay == 0) {
            out.accept(request.encode());
        } else {
            held.add(new Held(now + delay, request.encode()));
        }
        more.forEach(out);
    }

    private static void repeat(boolean hits, List<byte[]> more, byte[] export) {
        if (hits) {
            more.add(export);
        }
    }

    private void hold(boolean hits, long until, byte[] export) {
        if (hits) {
            held.add(new Held(until, export));
        }
    }

    private static void eachMetric(ProtobufMessage request, Consumer<ProtobufMessage> change) {
        request.each(1, export -> export.each(2, scope -> scope.each(2, change)));
    }

    private static void eachPoint(
            ProtobufMessage metric, int data, Consumer<ProtobufMessage> change) {
        metric.each(data, points -> points.each(1, change));
    }

    private static void turnAhead(ProtobufMessage request, long nanos) {
        eachMetric(
                request,
                metric -> {
                    for (int data : DATA) {
                        eachPoint(
                                metric,
                                data,
                                point -> point.setFixed(TIME, point.number(TIME) + nanos));
                    }
                });
    }

    /// Points of the requests' counter, each of a series of its own.
    private void addUsers(ProtobufMessage request, int count) {
        eachMetric(
                request,
                metric -> {
                    if (!metric.text(1).equals(ServicePlan.REQUESTS)) {
                        return;
                    }
                    metric.each(
                            SUM,
                            points -> {
                                byte[] first = points.bytes(1);
                                for (int i = 0; i < count; i++) {
                                    var point = new ProtobufMessage(first);
                                    var user = Attributes.of("user.id", "u" + users++).encode(7);
                                    point.add(7, new ProtobufMessage(user).bytes(7));
                                    points.add(1, point.encode());
                                }
                            });
                });
    }

    /// The export as another process sends it that has the fault in a share of its metrics, and no
    /// others.
    private static byte[] other(byte[] export, Kind kind, double share) {
        var request = new ProtobufMessage(export);
        var metrics = new int[2];
        request.each(
                1,
                its -> {
                    its.each(1, resource -> resource.retain(1, pair -> rename(pair, kind)));
                    its.each(
                            2,
                            scope ->
                                    scope.retain(
                                            2, metric -> differ(metric, kind) && ++metrics[0] > 0));
                });
        int most = (int) Math.ceil(share * metrics[0]);
        request.each(
                1, its -> its.each(2, scope -> scope.retain(2, metric -> metrics[1]++ < most)));
        return request.encode();
    }

    /// Of an attribute of the resource: whether it stays.
    private static boolean rename(ProtobufMessage pair, Kind kind) {
        String key = pair.text(1);
        if (key.equals("service.instance.id")) {
            pair.each(2, value -> value.setText(1, value.text(1) + "-" + kind.label()));
        }
        return kind != Kind.MISSING_ATTRIBUTES || !key.equals("host.name");
    }

    /// Whether the metric can be otherwise, which it then is.
    private static boolean differ(ProtobufMessage metric, Kind kind) {
        return switch (kind) {
            case TYPE_CONFLICT -> {
                boolean gauge = metric.has(GAUGE);
                metric.each(
                        GAUGE,
                        points ->
                                points.setVarint(
                                        TEMPORALITY, MetricInfo.Temporality.CUMULATIVE.wire));
                metric.renumber(GAUGE, SUM);
                yield gauge;
            }
            case UNIT_CONFLICT -> {
                metric.setText(3, "{other}");
                yield true;
            }
            case DESCRIPTION_CONFLICT -> {
                metric.setText(2, "Something else.");
                yield true;
            }
            case TEMPORALITY_FLIP -> {
                boolean sum = isOf(metric, SUM, MetricInfo.Temporality.CUMULATIVE);
                metric.each(
                        SUM,
                        points -> points.setVarint(TEMPORALITY, MetricInfo.Temporality.DELTA.wire));
                eachPoint(metric, SUM, point -> point.remove(START)); // else they would overlap
                yield sum;
            }
            case MONOTONICITY_FLIP -> {
                boolean monotonic = isMonotonic(metric);
                metric.each(SUM, points -> points.remove(MONOTONIC));
                yield monotonic;
            }
            case HISTOGRAM_BOUNDS -> {
                boolean histogram = metric.has(HISTOGRAM);
                eachPoint(
                        metric,
                        HISTOGRAM,
                        point -> changeLast(point, 7, bound -> bound / 1_000_000));
                yield histogram;
            }
            default -> true; // the resource is another
        };
    }

    private static boolean isOf(
            ProtobufMessage metric, int data, MetricInfo.Temporality temporality) {
        return metric.has(data)
                && new ProtobufMessage(metric.bytes(data)).number(TEMPORALITY) == temporality.wire;
    }

    private static boolean isMonotonic(ProtobufMessage metric) {
        return metric.has(SUM) && new ProtobufMessage(metric.bytes(SUM)).number(MONOTONIC) != 0;
    }

    /// The same points of numbers with other values, as of a second writer.
    private static byte[] otherValues(byte[] export) {
        var request = new ProtobufMessage(export);
        request.each(
                1,
                its ->
                        its.each(
                                2,
                                scope ->
                                        scope.retain(
                                                2,
                                                metric -> metric.has(GAUGE) || metric.has(SUM))));
        eachMetric(
                request,
                metric -> {
                    changeValues(metric, GAUGE, value -> value + 1);
                    changeValues(metric, SUM, value -> value + 1);
                });
        return request.encode();
    }

    private static void changeValues(ProtobufMessage metric, int data, DoubleUnaryOperator change) {
        eachPoint(
                metric,
                data,
                point -> {
                    if (point.has(INTEGER)) {
                        double value = change.applyAsDouble(point.number(INTEGER));
                        point.setFixed(INTEGER, (long) value);
                    } else {
                        point.setReal(REAL, change.applyAsDouble(point.real(REAL)));
                    }
                });
    }

    private static void spoil(boolean hits, ProtobufMessage metric, Kind kind) {
        if (!hits) {
            return;
        }
        switch (kind) {
            case NAN -> replaceValues(metric, Double.NaN);
            case INFINITE -> replaceValues(metric, Double.POSITIVE_INFINITY);
            case NEGATIVE -> {
                if (isMonotonic(metric) && isOf(metric, SUM, MetricInfo.Temporality.DELTA)) {
                    changeValues(metric, SUM, value -> -value - 1);
                }
            }
            case COUNTER_DROP -> {
                if (isMonotonic(metric) && isOf(metric, SUM, MetricInfo.Temporality.CUMULATIVE)) {
                    changeValues(metric, SUM, value -> value / 2);
                }
            }
            case HISTOGRAM_COUNTS -> {
                eachPoint(metric, HISTOGRAM, point -> changeLastCount(point, 6));
                eachPoint(metric, EXPONENTIAL, point -> point.setFixed(7, point.number(7) + 3));
            }
            case HISTOGRAM_SUMS -> {
                for (int data : new int[] {HISTOGRAM, EXPONENTIAL}) {
                    eachPoint(metric, data, point -> point.setReal(5, point.real(5) / 1_000));
                }
            }
            case BOUNDS_DRIFT ->
                    eachPoint(metric, HISTOGRAM, point -> changeLast(point, 7, bound -> 2 * bound));
            case DELTA_OVERLAP -> {
                for (int data : new int[] {SUM, HISTOGRAM, EXPONENTIAL}) {
                    if (isOf(metric, data, MetricInfo.Temporality.DELTA)) {
                        eachPoint(metric, data, ExportFaults::beginEarlier);
                    }
                }
            }
            default -> {}
        }
    }

    private static void replaceValues(ProtobufMessage metric, double by) {
        eachPoint(
                metric,
                GAUGE,
                point -> {
                    point.remove(INTEGER);
                    point.setReal(REAL, by);
                });
    }

    /// By half of its length.
    private static void beginEarlier(ProtobufMessage point) {
        long start = point.number(START);
        point.setFixed(START, start - (point.number(TIME) - start) / 2);
    }

    /// Of a packed field of doubles.
    private static void changeLast(ProtobufMessage point, int number, DoubleUnaryOperator change) {
        ByteBuffer packed = packed(point, number);
        int last = packed.capacity() - Double.BYTES;
        packed.putDouble(last, change.applyAsDouble(packed.getDouble(last)));
        point.setBytes(number, packed.array());
    }

    private static void changeLastCount(ProtobufMessage point, int number) {
        ByteBuffer packed = packed(point, number);
        int last = packed.capacity() - Long.BYTES;
        packed.putLong(last, packed.getLong(last) + 3);
        point.setBytes(number, packed.array());
    }

    private static ByteBuffer packed(ProtobufMessage point, int number) {
        return ByteBuffer.wrap(point.bytes(number)).order(ByteOrder.LITTLE_ENDIAN);
    }
}

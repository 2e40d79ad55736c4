package dev.firn.process.ottl;

import dev.firn.model.AttributeValue;
import dev.firn.model.ExponentialHistograms;
import dev.firn.model.Histograms;
import dev.firn.model.LongLists;
import dev.firn.model.Numbers;
import dev.firn.model.Points;
import dev.firn.model.Summaries;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ObjLongConsumer;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// The fields of a point. Those that its data type does not have are nil, and cannot be set.
final class PointFields {
    private static final String LISTS = "lists of numbers inside a point cannot be set";

    /// What receivers take, too.
    private static final long SCALE_MIN = -11;

    private static final long SCALE_MAX = 20;

    private PointFields() {}

    static @Nullable Field find(String name) {
        return switch (name) {
            case "time_unix_nano" -> nanos(point -> point.time, PointFields::time);
            case "time" -> time(point -> point.time, PointFields::time);
            case "start_time_unix_nano" -> nanos(point -> point.start, PointFields::start);
            case "start_time" -> time(point -> point.start, PointFields::start);
            case "flags" -> flags();
            case "value_int" -> valueInt();
            case "value_double" -> valueDouble();
            case "count" ->
                    integer(
                            PointFields::hasCount,
                            point -> point.count,
                            (point, value) -> point.count = value);
            case "sum" -> sum();
            case "scale" ->
                    integer(PointFields::isExponential, point -> point.scale, PointFields::scale);
            case "zero_count" ->
                    integer(
                            PointFields::isExponential,
                            point -> point.zeroCount,
                            (point, value) -> point.zeroCount = value);
            case "positive.offset" ->
                    integer(
                            PointFields::isExponential,
                            point -> point.positiveOffset,
                            (point, value) -> point.positiveOffset = fitting(value));
            case "negative.offset" ->
                    integer(
                            PointFields::isExponential,
                            point -> point.negativeOffset,
                            (point, value) -> point.negativeOffset = fitting(value));
            case "bucket_counts" ->
                    list(
                            point -> point instanceof Histograms h ? h.counts : null,
                            PointFields::counts);
            case "explicit_bounds" ->
                    list(
                            point -> point instanceof Histograms h ? h.bounds : null,
                            PointFields::reals);
            case "positive.bucket_counts" ->
                    list(
                            point -> point instanceof ExponentialHistograms e ? e.positive : null,
                            PointFields::counts);
            case "negative.bucket_counts" ->
                    list(
                            point -> point instanceof ExponentialHistograms e ? e.negative : null,
                            PointFields::counts);
            default -> null;
        };
    }

    private static void time(PointView point, long nanos) {
        if (nanos <= 0) {
            throw new EvaluationException("a point's time must be after 1970");
        }
        point.time = nanos;
    }

    private static void start(PointView point, long nanos) {
        if (nanos < 0) {
            throw new EvaluationException("a point's start time must not be before 1970");
        }
        point.start = nanos;
    }

    private static Field nanos(ToLongFunction<PointView> get, ObjLongConsumer<PointView> set) {
        return Field.of(
                Type.INT,
                subject -> Values.integer(get.applyAsLong(subject.point)),
                (subject, value) -> write(subject, set, Values.asInt(value)));
    }

    private static Field time(ToLongFunction<PointView> get, ObjLongConsumer<PointView> set) {
        return Field.of(
                Type.TIME,
                subject -> utc(get.applyAsLong(subject.point)),
                (subject, value) -> write(subject, set, nanos(Values.asTime(value))));
    }

    private static ZonedDateTime utc(long nanos) {
        return Instant.ofEpochSecond(
                        Math.floorDiv(nanos, 1_000_000_000L), Math.floorMod(nanos, 1_000_000_000L))
                .atZone(ZoneOffset.UTC);
    }

    /// Nanoseconds since 1970.
    static long nanos(ZonedDateTime time) {
        try {
            return Math.addExact(
                    Math.multiplyExact(time.toEpochSecond(), 1_000_000_000L), time.getNano());
        } catch (ArithmeticException e) {
            throw new EvaluationException("the time is beyond what nanoseconds can count");
        }
    }

    private static void write(Subject subject, ObjLongConsumer<PointView> set, long value) {
        set.accept(subject.point, value);
        subject.point.touch();
    }

    private static Field flags() {
        return Field.of(
                Type.INT,
                subject -> Values.integer(Integer.toUnsignedLong(subject.point.flags)),
                (subject, value) ->
                        write(
                                subject,
                                (point, flags) -> point.flags = (int) flags,
                                Values.asInt(value)));
    }

    /// 0 if the value is a double, as a Collector reads it.
    private static Field valueInt() {
        return Field.of(
                Type.UNKNOWN,
                subject ->
                        isNumber(subject.point.points)
                                ? Values.integer(
                                        subject.point.form == Numbers.INT ? subject.point.bits : 0)
                                : null,
                (subject, value) -> setValue(subject, Numbers.INT, Values.asInt(value)));
    }

    /// 0 if the value is an integer, as a Collector reads it.
    private static Field valueDouble() {
        return Field.of(
                Type.UNKNOWN,
                subject ->
                        isNumber(subject.point.points)
                                ? Values.real(
                                        subject.point.form == Numbers.DOUBLE
                                                ? Double.longBitsToDouble(subject.point.bits)
                                                : 0)
                                : null,
                (subject, value) ->
                        setValue(
                                subject,
                                Numbers.DOUBLE,
                                Double.doubleToRawLongBits(Values.asReal(value))));
    }

    private static void setValue(Subject subject, byte form, long bits) {
        suits(isNumber(subject.point.points));
        subject.point.form = form;
        subject.point.bits = bits;
        subject.point.touch();
    }

    private static Field sum() {
        return Field.of(
                Type.UNKNOWN,
                subject ->
                        hasCount(subject.point.points) ? Values.real(sumOf(subject.point)) : null,
                (subject, value) -> {
                    suits(hasCount(subject.point.points));
                    subject.point.sum = Values.asReal(value);
                    subject.point.has |= Histograms.HAS_SUM;
                    subject.point.touch();
                });
    }

    private static double sumOf(PointView point) {
        boolean there = point.points instanceof Summaries || (point.has & Histograms.HAS_SUM) != 0;
        return there ? point.sum : 0;
    }

    private static Field integer(
            Function<Points, Boolean> suited,
            ToLongFunction<PointView> get,
            ObjLongConsumer<PointView> set) {
        return Field.of(
                Type.UNKNOWN,
                subject ->
                        suited.apply(subject.point.points)
                                ? Values.integer(get.applyAsLong(subject.point))
                                : null,
                (subject, value) -> {
                    suits(suited.apply(subject.point.points));
                    write(subject, set, Values.asInt(value));
                });
    }

    private static Field list(
            Function<Points, @Nullable LongLists> column,
            BiFunction<LongLists, Integer, Object> read) {
        return Field.readOnly(
                Type.UNKNOWN,
                LISTS,
                subject -> {
                    LongLists lists = column.apply(subject.point.points);
                    return lists == null ? null : read.apply(lists, subject.point.row);
                });
    }

    private static Object counts(LongLists lists, int row) {
        var counts = new ArrayList<AttributeValue>(lists.length(row));
        for (int i = 0; i < lists.length(row); i++) {
            counts.add(new AttributeValue.Int(lists.at(row, i)));
        }
        return new Counts(new AttributeValue.Array(counts));
    }

    private static Object reals(LongLists lists, int row) {
        var reals = new ArrayList<AttributeValue>(lists.length(row));
        for (int i = 0; i < lists.length(row); i++) {
            reals.add(new AttributeValue.Real(lists.realAt(row, i)));
        }
        return new AttributeValue.Array(reals);
    }

    private static void suits(boolean suited) {
        if (!suited) {
            throw new EvaluationException("points of this type have no such field");
        }
    }

    private static void scale(PointView point, long scale) {
        if (scale < SCALE_MIN || scale > SCALE_MAX) {
            throw new EvaluationException(
                    "scale " + scale + " is not within " + SCALE_MIN + " and " + SCALE_MAX);
        }
        point.scale = (int) scale;
    }

    private static int fitting(long value) {
        if (value != (int) value) {
            throw new EvaluationException(value + " does not fit into 32 bits");
        }
        return (int) value;
    }

    private static boolean isNumber(Points points) {
        return points instanceof Numbers;
    }

    private static boolean hasCount(Points points) {
        return !(points instanceof Numbers);
    }

    private static boolean isExponential(Points points) {
        return points instanceof ExponentialHistograms;
    }
}

package dev.firn.analyse.anomaly;

import dev.firn.analyse.anomaly.Verdict.Channel;
import dev.firn.base.InputException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/// Judges one series point by point, with one configuration for all series.
///
/// Two channels. *Novelty* asks whether a value, level, variation or sequence is new to the series,
/// and judges every series. *Deviation* asks how far a value is from its last minutes and from this
/// time of day; it joins once seven days are known and a day tells enough of the next one. The
/// score is the larger of both, each divided by its threshold. Sources of numbers and public
/// scores: docs/reference/analytics.md.
///
/// An incident does not teach: while values stay away from what was usual before it, for up to a
/// day, scales and seasons do not learn. State is bounded ([#snapshot()] is at most 16 kB) and a
/// point takes microseconds. Not for several threads at once.
public final class Detector {
    /// Bytes that no snapshot exceeds.
    public static final int SNAPSHOT_BYTES_MAX = 16_384;

    /// Standard errors that chance may make.
    public static final double CHANCE_ERRORS = 3;

    /// What the values of a series are.
    public enum Kind {
        /// Any value: latency, use of a resource.
        GAUGE,
        /// Events in a step: varies by at least the root of what is expected.
        COUNT,
        /// A share of counted events, 0 to 1: varies by at least what so few events vary by.
        RATIO
    }

    private static final int VERSION = 1;
    private static final double DEVIATION_THRESHOLD = 6.6;
    private static final double NOVELTY_THRESHOLD = 0.22;
    private static final double SEASONAL_FROM = 0.4;
    private static final long GAP_STEPS = 20;
    private static final long DAY_MILLIS = 86_400_000L;

    /// Mean absolute deviation of a normal distribution in standard deviations.
    private static final double ABSOLUTE_DEVIATION = Math.sqrt(2 / Math.PI);

    private final Kind kind;
    private final long stepMillis;
    private final Season season;
    private final Deviation deviation = new Deviation();
    private final Novelty novelty = new Novelty();
    private final Incident incident = new Incident();
    private long last = Long.MIN_VALUE;

    /// @param stepMillis distance of the points, from a second to a day
    public Detector(Kind kind, long stepMillis) {
        if (stepMillis < 1_000 || stepMillis > DAY_MILLIS) {
            throw new InputException(
                    "cannot watch a signal every "
                            + stepMillis
                            + " ms: 1000 to 86400000 are possible");
        }
        this.kind = kind;
        this.stepMillis = stepMillis;
        season = new Season(stepMillis);
    }

    /// Judges a gauge's value, or a count's.
    public Verdict observe(long time, double value) {
        return observe(time, value, Double.NaN);
    }

    /// Judges a value, then learns it. NaN is a missing value, which is not zero: nothing is said
    /// and nothing learned, as for a time that is not after the last one.
    ///
    /// @param time ms since 1970
    /// @param events how many events a ratio is of; ignored for other kinds
    public Verdict observe(long time, double value, double events) {
        return observe(time, value, events, true);
    }

    /// The same, of which nothing is learned where `learns` is false: the time of a deployment.
    public Verdict observe(long time, double value, double events, boolean learns) {
        if (time <= last || !Double.isFinite(value) || (kind == Kind.RATIO && !(events > 0))) {
            return Verdict.none(time);
        }
        if (last != Long.MIN_VALUE && time - last > GAP_STEPS * stepMillis) {
            deviation.forgetLast();
        }
        last = time;
        double usual = season.usual(time);
        boolean seasonal = season.known() && season.strength() > SEASONAL_FROM;
        double local = deviation.centre();
        double expected =
                seasonal && !Double.isNaN(usual) ? usual : Double.isNaN(local) ? value : local;
        double floor = floor(expected, events);
        double fresh =
                novelty.score(
                                kind == Kind.RATIO ? towards(expected, value, floor) : value,
                                usual,
                                learns)
                        / NOVELTY_THRESHOLD;
        double away =
                seasonal ? deviation.score(time, value, usual, floor) / DEVIATION_THRESHOLD : 0;
        double scale = seasonal ? deviation.scale(floor) : deviation.localScale(floor);
        double score = Math.max(fresh, away);
        boolean held = incident.goesOn(value, local, seasonal ? usual : Double.NaN);
        incident.after(score, expected, scale, stepMillis);
        if (learns) {
            deviation.learn(time, value, usual, incident.teaches());
        }
        if (learns && incident.teaches()) {
            season.learn(time, value);
        }
        double typical =
                seasonal && kind == Kind.COUNT
                        ? Math.min(scale, deviation.countScale(time, expected, floor))
                        : scale;
        double band = DEVIATION_THRESHOLD * typical + (kind == Kind.COUNT ? chance(expected) : 0);
        return new Verdict(
                time,
                score,
                away >= fresh ? Channel.DEVIATION : Channel.NOVELTY,
                value,
                expected,
                expected - band,
                expected + band,
                held,
                score <= 1
                        ? ""
                        : away >= fresh
                                ? "far from the last minutes and this time of day"
                                : novelty.reason(),
                away,
                fresh);
    }

    /// A time that must not count (a deployment, a marked period): nothing is said or learned.
    public Verdict exclude(long time) {
        return observe(time, Double.NaN, Double.NaN);
    }

    /// Least typical deviation that the number of events allows.
    private double floor(double expected, double events) {
        return switch (kind) {
            case GAUGE -> 0;
            case COUNT -> ABSOLUTE_DEVIATION * Math.sqrt(Math.max(expected, 1));
            case RATIO -> {
                double share = Math.clamp(expected, 1 / (events + 1), events / (events + 1));
                yield ABSOLUTE_DEVIATION * Math.sqrt(share * (1 - share) / events);
            }
        };
    }

    /// What chance explains of a count around what is expected: [#CHANCE_ERRORS].
    public static double chance(double expected) {
        return CHANCE_ERRORS * Math.sqrt(Math.max(expected, 1));
    }

    /// The value without what chance explains: three standard errors.
    private static double towards(double expected, double value, double floor) {
        double chance = CHANCE_ERRORS * floor / ABSOLUTE_DEVIATION;
        double beyond = Math.max(0, Math.abs(value - expected) - chance);
        return expected + Math.copySign(beyond, value - expected);
    }

    /// All that the detector knows; [#restore] continues as if nothing had happened, bit for bit.
    public byte[] snapshot() {
        Fields measure = Fields.measuring();
        fields(measure);
        ByteBuffer bytes = ByteBuffer.allocate(3 * Long.BYTES + measure.size());
        bytes.putLong(VERSION).putLong(kind.ordinal()).putLong(stepMillis);
        fields(Fields.writing(bytes));
        return bytes.array();
    }

    /// @throws InputException where the bytes are no snapshot of this version
    public static Detector restore(byte[] snapshot) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(snapshot);
            long version = bytes.getLong();
            long kind = bytes.getLong();
            if (version != VERSION || kind < 0 || kind >= Kind.values().length) {
                throw new InputException(
                        "cannot restore a detector: version "
                                + version
                                + ", kind "
                                + kind
                                + " are not known; let it learn afresh");
            }
            var detector = new Detector(Kind.values()[(int) kind], bytes.getLong());
            detector.fields(Fields.reading(bytes));
            if (bytes.hasRemaining()) {
                throw new InputException(
                        "cannot restore a detector: "
                                + bytes.remaining()
                                + " bytes too many; let it learn afresh");
            }
            return detector;
        } catch (BufferUnderflowException e) {
            throw new InputException(
                    "cannot restore a detector: "
                            + snapshot.length
                            + " bytes are too few; let it learn afresh");
        }
    }

    private void fields(Fields fields) {
        last = fields.of(last);
        season.fields(fields);
        deviation.fields(fields);
        novelty.fields(fields);
        incident.fields(fields);
    }
}

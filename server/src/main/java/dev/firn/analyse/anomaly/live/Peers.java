package dev.firn.analyse.anomaly.live;

import dev.firn.analyse.anomaly.Verdict;
import dev.firn.analyse.anomaly.Verdict.Channel;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Instances of a service that are not as the others: further from the median of all than so many
/// typical distances from it (the median of those), and far enough that it matters. Nothing is
/// learned from the past but this: one that was different for a day is expected to be.
final class Peers {
    /// Instances below which nobody is the odd one.
    private static final int PEERS_MIN = 4;

    /// Typical distances, of which 1.4826 are a standard deviation.
    private static final double DISTANCES = 9;

    /// Least typical distance, as a share of the median.
    private static final double LEAST = 0.03;

    private static final int LASTING = 2;
    private static final int CALM = 2;
    private static final long STEP_MILLIS = Signals.STEP_SECONDS * 1_000;
    private static final long DAY_MILLIS = 86_400_000L;
    private static final long GONE_MILLIS = 3_600_000L;
    private static final int INSTANCES_MAX = 10_000;

    private final Map<SignalKey, Its> all = new LinkedHashMap<>();

    private static final class Its {
        private long seen;
        private int streak;
        private int calm;
        private boolean alerting;
        private long since;
        private double offset;
        private double distance;
    }

    /// Judges the instances of one service in one interval by one signal.
    List<Judged> judge(long start, List<SignalPoint> points) {
        List<SignalPoint> known =
                points.stream().filter(one -> Double.isFinite(one.value())).toList();
        if (known.size() < PEERS_MIN) {
            return List.of();
        }
        double median = median(known.stream().mapToDouble(SignalPoint::value).toArray());
        double[] distances =
                known.stream().mapToDouble(one -> Math.abs(one.value() - median)).toArray();
        double typical = Math.max(median(distances), LEAST * median);
        var judged = new ArrayList<Judged>();
        for (SignalPoint point : known) {
            Its its = its(point.key(), start);
            if (its != null) {
                judged.add(judge(its, point, median, DISTANCES * typical, start, known.size()));
            }
        }
        return judged;
    }

    private @Nullable Its its(SignalKey key, long start) {
        Its its = all.get(key);
        if (its == null && all.size() >= INSTANCES_MAX) {
            all.values().removeIf(one -> start - one.seen > GONE_MILLIS);
        }
        if (its == null && all.size() < INSTANCES_MAX) {
            its = new Its();
            all.put(key, its);
        }
        return its;
    }

    private static Judged judge(
            Its its, SignalPoint point, double median, double half, long start, int peers) {
        its.seen = start;
        double expected = median + its.offset;
        double away = Math.max(0, Math.max(point.low() - expected, expected - point.high()));
        boolean matters = matters(point, expected);
        // what differs for sure and matters is odd however alike the others are
        double score = half > 0 ? away / half : away > 0 ? 2 : 0;
        boolean odd = score > 1 && matters;
        its.distance = odd ? point.value() - median : its.distance;
        follow(its, odd, start);
        double factor = Signals.shown(point.key().signal());
        return new Judged(
                point.key(),
                new Verdict(
                        start,
                        score,
                        Channel.PEER,
                        point.value() * factor,
                        expected * factor,
                        (expected - half) * factor,
                        (expected + half) * factor,
                        false,
                        score > 1 ? "not as the other " + (peers - 1) + " instances" : "",
                        0,
                        0),
                matters,
                false,
                its.alerting,
                its.since,
                0,
                "");
    }

    private static boolean matters(SignalPoint point, double expected) {
        String signal = point.key().signal();
        return signal.equals(Signals.REQUEST_RATE)
                ? point.high() <= expected / 2 || point.low() >= expected * 2
                : Signals.matters(signal, point.low(), point.high(), expected);
    }

    private static void follow(Its its, boolean odd, long start) {
        if (odd) {
            its.since = its.streak == 0 && !its.alerting ? start : its.since;
            its.streak++;
            its.calm = 0;
            its.alerting |= its.streak >= LASTING;
            if (start - its.since >= DAY_MILLIS - STEP_MILLIS) {
                its.offset = its.distance;
            }
        } else {
            its.streak = 0;
            its.calm++;
            its.alerting &= its.calm < CALM;
            its.since = its.alerting ? its.since : 0;
        }
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return (values[(values.length - 1) / 2] + values[values.length / 2]) / 2;
    }

    void write(DataOutputStream out) throws IOException {
        out.writeInt(all.size());
        for (Map.Entry<SignalKey, Its> one : all.entrySet()) {
            SignalWatch.write(out, one.getKey());
            Its its = one.getValue();
            out.writeLong(its.seen);
            out.writeInt(its.streak);
            out.writeInt(its.calm);
            out.writeBoolean(its.alerting);
            out.writeLong(its.since);
            out.writeDouble(its.offset);
            out.writeDouble(its.distance);
        }
    }

    static Peers read(DataInputStream in) throws IOException {
        var peers = new Peers();
        int size = in.readInt();
        for (int i = 0; i < size; i++) {
            var its = new Its();
            peers.all.put(SignalWatch.key(in), its);
            its.seen = in.readLong();
            its.streak = in.readInt();
            its.calm = in.readInt();
            its.alerting = in.readBoolean();
            its.since = in.readLong();
            its.offset = in.readDouble();
            its.distance = in.readDouble();
        }
        return peers;
    }
}

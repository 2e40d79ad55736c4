package dev.firn.analyse.anomaly.live;

import dev.firn.analyse.anomaly.Detector;
import dev.firn.analyse.anomaly.Verdict;
import dev.firn.base.InputException;
import dev.firn.query.AnomalyMarks.Kind;
import dev.firn.query.AnomalyMarks.Mark;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// All series that are watched, interval after interval, each judged once. An anomaly is told when
/// it has lasted, or is far beyond doubt; a single odd interval is shown, but wakes nobody.
///
/// State is bounded: so many series, the heaviest first, at most 16 kB each.
public final class SignalWatch {
    /// Intervals in a row that an anomaly has lasted.
    private static final int LASTING = 2;

    /// A score that needs no second interval.
    private static final double SURE = 4;

    /// Intervals in a row without anomaly that end one.
    private static final int CALM = 2;

    /// Intervals that a series must be known for before anybody is told: two days.
    private static final int KNOWN = 2 * 288;

    private static final long STEP_MILLIS = Signals.STEP_SECONDS * 1_000;
    private static final long GONE_MILLIS = 7 * 86_400_000L;
    private static final long SILENT_MILLIS = 3_600_000;
    private static final int VERSION = 1;

    private final int seriesMax;
    private final Map<SignalKey, Watched> all = new LinkedHashMap<>();
    private long from;
    private long until;

    /// One series.
    private static final class Watched {
        private final Detector detector;
        private Band band = new Band();
        private @Nullable LastWeek lastWeek;
        private long points;
        private long seen;
        private int streak;
        private int calm;
        private boolean alerting;
        private long since;
        private @Nullable Judged newest;

        private Watched(Detector detector) {
            this.detector = detector;
        }
    }

    /// What an interval brought.
    ///
    /// @param anomalies intervals of series that were not as expected
    /// @param leftOut points of series for which there was no room
    public record Round(List<Judged> anomalies, int leftOut) {}

    /// @param from start of the first interval, ms since 1970
    public SignalWatch(int seriesMax, long from) {
        this.seriesMax = seriesMax;
        this.from = from;
        this.until = from;
    }

    /// Start of the first interval that was judged.
    long from() {
        return from;
    }

    /// End of the last one.
    long until() {
        return until;
    }

    int size() {
        return all.size();
    }

    /// Judges an interval; must not go back.
    ///
    /// @param start ms since 1970
    /// @param points each series at most once
    public Round interval(long start, List<SignalPoint> points, List<Mark> marks) {
        if (start < until) {
            throw new IllegalArgumentException(start + " is before " + until);
        }
        until = start + STEP_MILLIS;
        var heavyFirst = new ArrayList<>(points);
        heavyFirst.sort(Comparator.comparingDouble(one -> -one.events()));
        var anomalies = new ArrayList<Judged>();
        int leftOut = 0;
        for (SignalPoint point : heavyFirst) {
            Watched watched = all.get(point.key());
            if (watched == null && Double.isFinite(point.value())) {
                watched = admit(point, start);
            }
            if (watched == null) {
                leftOut += Double.isFinite(point.value()) ? 1 : 0;
                continue;
            }
            watched.seen = start;
            Judged judged = judge(watched, point, start, marks);
            if (judged.verdict().anomalous()) {
                anomalies.add(judged);
            }
        }
        return new Round(anomalies, leftOut);
    }

    private @Nullable Watched admit(SignalPoint point, long now) {
        if (all.size() >= seriesMax) {
            all.values().removeIf(one -> now - one.seen > GONE_MILLIS);
        }
        if (all.size() >= seriesMax) {
            return null;
        }
        var fresh = new Watched(new Detector(point.kind(), STEP_MILLIS));
        fresh.lastWeek = point.kind() == Detector.Kind.COUNT ? new LastWeek() : null;
        all.put(point.key(), fresh);
        return fresh;
    }

    private Judged judge(Watched watched, SignalPoint point, long start, List<Mark> marks) {
        SignalKey key = point.key();
        boolean excluded = marked(marks, Kind.EXCLUDED, key, start);
        Verdict verdict =
                excluded
                        ? watched.detector.exclude(start)
                        : watched.detector.observe(start, point.value(), point.events());
        boolean expected = marked(marks, Kind.EXPECTED, key, start);
        boolean matters = false;
        if (verdict.channel() != Verdict.Channel.NONE) {
            watched.points++;
            verdict = withBand(watched.band, verdict, point);
            matters = matters(watched, point);
            follow(watched, verdict, matters, start);
        } else if (excluded) {
            watched.alerting = false;
            watched.streak = 0;
        }
        boolean alerting = watched.alerting && !expected && watched.points > KNOWN;
        var judged =
                new Judged(
                        key,
                        shown(verdict, Signals.shown(key.signal())),
                        matters,
                        expected,
                        alerting,
                        watched.since);
        watched.newest = judged;
        return judged;
    }

    /// The verdict with what was expected when the anomaly began, and with how far the value is
    /// beyond that band where that is more than the detector's own score.
    private static Verdict withBand(Band band, Verdict verdict, SignalPoint point) {
        double beyond = band.beyond(verdict, point.low(), point.high());
        boolean more = beyond > verdict.score();
        return new Verdict(
                verdict.time(),
                Math.max(beyond, verdict.score()),
                more ? Verdict.Channel.DEVIATION : verdict.channel(),
                verdict.actual(),
                band.expected(),
                band.expected() - band.half(),
                band.expected() + band.half(),
                verdict.held(),
                more && beyond > 1 ? "far outside what is usual" : verdict.reason(),
                Math.max(beyond, verdict.deviation()),
                verdict.novelty());
    }

    private static boolean matters(Watched watched, SignalPoint point) {
        boolean matters =
                Signals.matters(
                        point.key().signal(), point.low(), point.high(), watched.band.expected());
        LastWeek week = watched.lastWeek;
        if (week != null) {
            long time = watched.seen;
            matters &= !week.has(time, point.low(), point.high());
            week.learn(time, point.value());
        }
        return matters;
    }

    private static void follow(Watched watched, Verdict verdict, boolean matters, long start) {
        if (verdict.anomalous() && matters) {
            watched.since = watched.streak == 0 && !watched.alerting ? start : watched.since;
            watched.streak++;
            watched.calm = 0;
            watched.alerting |= watched.streak >= LASTING || verdict.score() >= SURE;
        } else {
            watched.streak = 0;
            watched.calm++;
            watched.alerting &= watched.calm < CALM;
            watched.since = watched.alerting ? watched.since : 0;
        }
    }

    private static boolean marked(List<Mark> marks, Kind kind, SignalKey key, long time) {
        for (Mark one : marks) {
            if (one.kind() == kind
                    && one.fits(
                            key.signal(), key.environment(), key.service(), key.route(), time)) {
                return true;
            }
        }
        return false;
    }

    private static Verdict shown(Verdict verdict, double factor) {
        return factor == 1
                ? verdict
                : new Verdict(
                        verdict.time(),
                        verdict.score(),
                        verdict.channel(),
                        verdict.actual() * factor,
                        verdict.expected() * factor,
                        verdict.low() * factor,
                        verdict.high() * factor,
                        verdict.held(),
                        verdict.reason(),
                        verdict.deviation(),
                        verdict.novelty());
    }

    /// What was said last of each series that was heard of in the last hour, heaviest first as they
    /// came.
    public List<Judged> newest() {
        var newest = new ArrayList<Judged>();
        for (Watched one : all.values()) {
            if (one.newest != null && until - one.seen <= SILENT_MILLIS) {
                newest.add(one.newest);
            }
        }
        return newest;
    }

    /// Everything, so that [#read] goes on as if nothing had happened, bit for bit. What was said
    /// last is not in it.
    void write(DataOutputStream out) throws IOException {
        out.writeInt(VERSION);
        out.writeLong(from);
        out.writeLong(until);
        out.writeInt(all.size());
        for (Map.Entry<SignalKey, Watched> entry : all.entrySet()) {
            SignalKey key = entry.getKey();
            for (String text :
                    List.of(
                            key.signal(),
                            key.environment(),
                            key.service(),
                            key.route(),
                            key.plane())) {
                byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
                out.writeInt(bytes.length);
                out.write(bytes);
            }
            Watched one = entry.getValue();
            out.writeLong(one.points);
            out.writeLong(one.seen);
            out.writeInt(one.streak);
            out.writeInt(one.calm);
            out.writeBoolean(one.alerting);
            out.writeLong(one.since);
            one.band.write(out);
            LastWeek week = one.lastWeek;
            out.writeBoolean(week != null);
            if (week != null) {
                week.write(out);
            }
            byte[] snapshot = one.detector.snapshot();
            out.writeInt(snapshot.length);
            out.write(snapshot);
        }
    }

    /// @throws InputException where it is of another version
    static SignalWatch read(DataInputStream in, int seriesMax) throws IOException {
        int version = in.readInt();
        if (version != VERSION) {
            throw new InputException("version " + version + " is not known");
        }
        var watch = new SignalWatch(seriesMax, in.readLong());
        watch.until = in.readLong();
        int size = in.readInt();
        for (int i = 0; i < size; i++) {
            var key = new SignalKey(text(in), text(in), text(in), text(in), text(in));
            long points = in.readLong();
            long seen = in.readLong();
            int streak = in.readInt();
            int calm = in.readInt();
            boolean alerting = in.readBoolean();
            long since = in.readLong();
            Band band = Band.read(in);
            LastWeek week = in.readBoolean() ? LastWeek.read(in) : null;
            byte[] snapshot =
                    in.readNBytes(Math.clamp(in.readInt(), 0, Detector.SNAPSHOT_BYTES_MAX));
            if (i < seriesMax) {
                var one = new Watched(Detector.restore(snapshot));
                one.points = points;
                one.seen = seen;
                one.streak = streak;
                one.calm = calm;
                one.alerting = alerting;
                one.since = since;
                one.band = band;
                one.lastWeek = week;
                watch.all.put(key, one);
            }
        }
        return watch;
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(
                in.readNBytes(Math.clamp(in.readInt(), 0, 1 << 20)),
                java.nio.charset.StandardCharsets.UTF_8);
    }
}

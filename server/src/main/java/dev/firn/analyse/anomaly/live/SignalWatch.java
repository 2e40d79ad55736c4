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
/// State is bounded: so many series, the heaviest first, at most 16 kB each, and so many instances.
public final class SignalWatch {
    /// Intervals in a row that an anomaly has lasted.
    private static final int LASTING = 2;

    /// A score that needs no second interval.
    private static final double SURE = 4;

    /// Intervals in a row without anomaly that end one.
    private static final int CALM = 2;

    /// Intervals that a series must be known for before anybody is told: two days.
    private static final int KNOWN = 2 * 288;

    /// Intervals that a count, which may rest at weekends, must be known for before more than what
    /// people are told of matters.
    private static final int WEEK_KNOWN = 7 * 288;

    /// The score of a level that matters and is higher than in a week.
    private static final double ABOVE_A_WEEK = 1.5;

    private static final long DAY_MILLIS = 86_400_000L;
    private static final long STEP_MILLIS = Signals.STEP_SECONDS * 1_000;
    private static final long GONE_MILLIS = 7 * 86_400_000L;
    private static final long SILENT_MILLIS = 3_600_000;
    private static final int VERSION = 3;

    private final int seriesMax;
    private final Map<SignalKey, Watched> all = new LinkedHashMap<>();
    private Peers peers = new Peers();
    private Versions versions = new Versions();
    private List<Judged> newestPeers = List.of();
    private long from;
    private long until;
    private boolean judged;

    /// One series.
    private static final class Watched {
        private final Detector detector;
        private Band band = new Band();
        private @Nullable WeekHighs highs;
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
    /// @param judged series that something was said of, heaviest first
    /// @param anomalies those of them, and instances, that were not as expected
    /// @param leftOut points of series for which there was no room
    public record Round(List<Judged> judged, List<Judged> anomalies, int leftOut) {}

    /// That a version of a service ran.
    public record Ran(String environment, String service, String version) {}

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

    /// Whether any interval was judged since it was read: before that [#newest] says nothing.
    boolean judged() {
        return judged;
    }

    /// Judges an interval of which no versions are known.
    public Round interval(long start, List<SignalPoint> points, List<Mark> marks) {
        return interval(start, points, List.of(), marks);
    }

    /// Judges an interval; must not go back.
    ///
    /// @param start ms since 1970
    /// @param points each series at most once; those of instances are held against each other
    public Round interval(
            long start, List<SignalPoint> points, List<Ran> running, List<Mark> marks) {
        if (start < until) {
            throw new IllegalArgumentException(start + " is before " + until);
        }
        until = start + STEP_MILLIS;
        judged = true;
        running.forEach(one ->
                versions.run(
                        new Versions.Service(one.environment, one.service), one.version, start));
        var heavyFirst = new ArrayList<>(points);
        heavyFirst.sort(Comparator.comparingDouble(one -> -one.events()));
        var all = new ArrayList<Judged>();
        var anomalies = new ArrayList<Judged>();
        int leftOut = 0;
        for (SignalPoint point : heavyFirst) {
            if (!point.key().instance().isEmpty()) {
                continue;
            }
            Watched watched = this.all.get(point.key());
            if (watched == null && Double.isFinite(point.value())) {
                watched = admit(point, start);
            }
            if (watched == null) {
                leftOut += Double.isFinite(point.value()) ? 1 : 0;
                continue;
            }
            boolean partial = watched.seen == 0 && point.kind() == Detector.Kind.COUNT;
            watched.seen = start;
            Judged judged = judge(watched, point, start, partial, marks);
            if (judged.verdict().channel() != Verdict.Channel.NONE) {
                all.add(judged);
            }
            if (judged.verdict().anomalous()) {
                anomalies.add(judged);
            }
        }
        newestPeers = peers(start, heavyFirst, marks);
        newestPeers.stream().filter(one -> one.verdict().anomalous()).forEach(anomalies::add);
        return new Round(all, anomalies, leftOut);
    }

    /// What is said of instances, by service and signal.
    private List<Judged> peers(long start, List<SignalPoint> points, List<Mark> marks) {
        var groups = new LinkedHashMap<SignalKey, List<SignalPoint>>();
        for (SignalPoint point : points) {
            SignalKey key = point.key();
            if (!key.instance().isEmpty() && !marked(marks, Kind.EXCLUDED, key, start)) {
                groups.computeIfAbsent(
                                new SignalKey(
                                        key.signal(), key.environment(), key.service(), "", ""),
                                _ -> new ArrayList<>())
                        .add(point);
            }
        }
        var judged = new ArrayList<Judged>();
        for (List<SignalPoint> group : groups.values()) {
            for (Judged one : peers.judge(start, group)) {
                boolean expected = marked(marks, Kind.EXPECTED, one.key(), start);
                judged.add(
                        new Judged(
                                one.key(),
                                one.verdict(),
                                one.matters(),
                                expected,
                                one.alerting() && !expected,
                                one.since(),
                                one.chance(),
                                deployment(one.key(), start)));
            }
        }
        return judged;
    }

    /// Of the deployment that a time is part of, in words; empty without one.
    private String deployment(SignalKey key, long time) {
        Versions.Deployment its =
                versions.at(new Versions.Service(key.environment(), key.service()), time);
        return its == null
                ? ""
                : "version %s came at %s"
                        .formatted(its.version(), java.time.Instant.ofEpochMilli(its.at()));
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
        fresh.highs = Signals.rises(point.key().signal()) ? new WeekHighs() : null;
        all.put(point.key(), fresh);
        return fresh;
    }

    /// @param partial the first interval of a count, which may have begun before it
    private Judged judge(
            Watched watched, SignalPoint point, long start, boolean partial, List<Mark> marks) {
        SignalKey key = point.key();
        boolean excluded = partial || marked(marks, Kind.EXCLUDED, key, start);
        String deployment = deployment(key, start);
        boolean learns = deployment.isEmpty();
        Verdict verdict =
                excluded
                        ? watched.detector.exclude(start)
                        : watched.detector.observe(start, point.value(), point.events(), learns);
        boolean expected = marked(marks, Kind.EXPECTED, key, start);
        boolean matters = false;
        if (verdict.channel() != Verdict.Channel.NONE) {
            watched.points++;
            verdict = withBand(watched.band, verdict, point, learns);
            matters = matters(watched, point);
            WeekHighs highs = watched.highs;
            if (highs != null) {
                highs.push(start, point.value(), point.low());
                if (!verdict.anomalous() || !matters) {
                    Verdict higher = withHighs(highs, verdict, point);
                    matters |= higher != verdict;
                    verdict = higher;
                }
            }
            follow(watched, verdict, matters, start);
            if (highs != null && learns) {
                highs.learn(!watched.alerting || start - watched.since >= DAY_MILLIS);
            }
        } else if (excluded) {
            watched.alerting = false;
            watched.streak = 0;
        }
        boolean alerting = watched.alerting && !expected && watched.points > KNOWN;
        boolean known = point.kind() != Detector.Kind.COUNT || watched.points > WEEK_KNOWN;
        double shown = Signals.shown(key.signal());
        var judged =
                new Judged(
                        key,
                        shown(verdict, shown),
                        matters && (known || alerting),
                        expected,
                        alerting,
                        watched.since,
                        chance(point, verdict.expected()) * shown,
                        deployment);
        watched.newest = judged;
        return judged;
    }

    /// The verdict with what was expected when the anomaly began, and with how far the value is
    /// beyond that band where that is more than the detector's own score.
    private static Verdict withBand(Band band, Verdict verdict, SignalPoint point, boolean learns) {
        double chance = chance(point, verdict.expected());
        double beyond = band.beyond(verdict, point.low(), point.high(), chance, learns);
        boolean more = beyond > verdict.score();
        double half = band.half() + chance(point, band.expected());
        return new Verdict(
                verdict.time(),
                Math.max(beyond, verdict.score()),
                more ? Verdict.Channel.DEVIATION : verdict.channel(),
                verdict.actual(),
                band.expected(),
                band.expected() - half,
                band.expected() + half,
                verdict.held(),
                more && beyond > 1 ? "far outside what is usual" : verdict.reason(),
                Math.max(beyond, verdict.deviation()),
                verdict.novelty());
    }

    private static double chance(SignalPoint point, double expected) {
        return point.kind() == Detector.Kind.COUNT ? Detector.chance(expected) : 0;
    }

    /// The verdict, or, where the last hour is surely higher than all of the week, and by what
    /// matters, one that says so.
    private static Verdict withHighs(WeekHighs highs, Verdict verdict, SignalPoint point) {
        double level = highs.level();
        double highest = highs.highest();
        if (!(highs.least() > highest && point.low() > highest)
                || !Signals.matters(point.key().signal(), level, level, highest)
                || !Signals.matters(point.key().signal(), point.value(), point.value(), highest)) {
            return verdict;
        }
        double half = Math.max(Double.MIN_NORMAL, level - highest) / ABOVE_A_WEEK;
        return new Verdict(
                verdict.time(),
                ABOVE_A_WEEK,
                Verdict.Channel.DEVIATION,
                verdict.actual(),
                highest,
                highest - half,
                highest + half,
                verdict.held(),
                "the last hour is higher than any of the last week",
                ABOVE_A_WEEK,
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
    /// came, and of instances that are not as their peers.
    public List<Judged> newest() {
        var newest = new ArrayList<Judged>();
        for (Watched one : all.values()) {
            if (one.newest != null && until - one.seen <= SILENT_MILLIS) {
                newest.add(one.newest);
            }
        }
        newestPeers.stream()
                .filter(one -> one.alerting() || one.verdict().anomalous())
                .forEach(newest::add);
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
            write(out, entry.getKey());
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
            WeekHighs highs = one.highs;
            out.writeBoolean(highs != null);
            if (highs != null) {
                highs.write(out);
            }
            byte[] snapshot = one.detector.snapshot();
            out.writeInt(snapshot.length);
            out.write(snapshot);
        }
        peers.write(out);
        versions.write(out);
    }

    static void write(DataOutputStream out, SignalKey key) throws IOException {
        for (String text :
                List.of(
                        key.signal(),
                        key.environment(),
                        key.service(),
                        key.route(),
                        key.plane(),
                        key.instance())) {
            write(out, text);
        }
    }

    static void write(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    static SignalKey key(DataInputStream in) throws IOException {
        return new SignalKey(text(in), text(in), text(in), text(in), text(in), text(in));
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
            SignalKey key = key(in);
            long points = in.readLong();
            long seen = in.readLong();
            int streak = in.readInt();
            int calm = in.readInt();
            boolean alerting = in.readBoolean();
            long since = in.readLong();
            Band band = Band.read(in);
            LastWeek week = in.readBoolean() ? LastWeek.read(in) : null;
            WeekHighs highs = in.readBoolean() ? WeekHighs.read(in) : null;
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
                one.highs = highs;
                watch.all.put(key, one);
            }
        }
        watch.peers = Peers.read(in);
        watch.versions = Versions.read(in);
        return watch;
    }

    static String text(DataInputStream in) throws IOException {
        return new String(
                in.readNBytes(Math.clamp(in.readInt(), 0, 1 << 20)),
                java.nio.charset.StandardCharsets.UTF_8);
    }
}

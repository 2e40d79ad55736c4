package dev.firn.analyse.slo.live;

import dev.firn.analyse.slo.MinuteCounts;
import dev.firn.analyse.slo.Minutes;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/// The minutes of one objective by group, and how far they are counted. Not safe for several
/// threads at once.
final class Counted {
    private Defined defined;
    private final Map<Map<String, String>, Minutes> groups = new LinkedHashMap<>();
    private long from;
    private long asOf;
    private long lookedAt;
    private Map<String, Long> cuts = Map.of();

    /// Nothing is counted yet.
    Counted(Defined defined) {
        this.defined = defined;
    }

    /// A minute of a group that is to be stored.
    record Changed(Map<String, String> group, long minute, MinuteCounts counts) {}

    Defined defined() {
        return defined;
    }

    /// Another name, target or window of what is counted.
    void redefine(Defined as) {
        defined = as;
    }

    Map<Map<String, String>, Minutes> groups() {
        return groups;
    }

    /// First minute counted; equal to [#asOf] if none is.
    long from() {
        return from;
    }

    /// Minutes before it are counted; 0 if none ever was.
    long asOf() {
        return asOf;
    }

    /// When it was looked for new points last, seconds since 1970.
    long lookedAt() {
        return lookedAt;
    }

    /// The newest cut that was seen of each writer.
    Map<String, Long> cuts() {
        return cuts;
    }

    void at(long newFrom, long newAsOf, long newLookedAt, Map<String, Long> newCuts) {
        from = newFrom;
        asOf = newAsOf;
        lookedAt = newLookedAt;
        cuts = new TreeMap<>(newCuts);
    }

    /// Takes a minute that was stored.
    void load(Map<String, String> group, long minute, MinuteCounts counts) {
        groups.computeIfAbsent(group, _ -> new Minutes()).put(minute, counts);
    }

    /// Forgets minutes that no window needs.
    void dropBefore(long minute) {
        groups.values().forEach(minutes -> minutes.dropBefore(minute));
        groups.values().removeIf(minutes -> minutes.all().isEmpty());
        from = Math.max(from, Math.min(minute, asOf));
    }

    /// Minutes held.
    long size() {
        return groups.values().stream().mapToLong(minutes -> minutes.all().size()).sum();
    }
}

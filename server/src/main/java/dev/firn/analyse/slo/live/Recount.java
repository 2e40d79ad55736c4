package dev.firn.analyse.slo.live;

import dev.firn.analyse.slo.MinuteCounter;
import dev.firn.analyse.slo.MinuteCounts;
import dev.firn.analyse.slo.Minutes;
import dev.firn.analyse.slo.SloWindow.Span;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/// Puts what was counted anew into an objective's minutes, and says what changed.
final class Recount {
    private final Counted objective;
    private final Span span;
    private final List<Counted.Changed> changed = new ArrayList<>();

    private Recount(Counted objective, Span span) {
        this.objective = objective;
        this.span = span;
    }

    static List<Counted.Changed> apply(Counted objective, Span span, MinuteCounter.Counted found) {
        var recount = new Recount(objective, span);
        var all = new HashSet<>(objective.groups().keySet());
        all.addAll(found.groups().keySet());
        for (Map<String, String> group : all) {
            recount.group(group, found.groups().getOrDefault(group, Map.of()));
        }
        found.measuredFrom().forEach(recount::measuredBefore);
        return recount.changed;
    }

    /// What was measured stays so: the point that said it may lie after the range.
    private void group(Map<String, String> group, Map<Long, MinuteCounts> by) {
        Minutes minutes = objective.groups().computeIfAbsent(group, _ -> new Minutes());
        var before = new ArrayList<>(minutes.all().subMap(span.from(), span.to()).keySet());
        for (long minute : before) {
            MinuteCounts old = counts(minutes, minute);
            MinuteCounts now = by.getOrDefault(minute, MinuteCounts.NONE);
            set(group, minutes, minute, old, old.measured() > 0 ? now.asMeasured() : now);
        }
        by.forEach((minute, counts) -> {
            if (!minutes.all().containsKey(minute)) {
                set(group, minutes, minute, MinuteCounts.NONE, counts);
            }
        });
    }

    private void measuredBefore(Map<String, String> group, long from) {
        Minutes minutes = objective.groups().computeIfAbsent(group, _ -> new Minutes());
        for (long minute = Math.max(from, objective.from()); minute < span.from(); minute++) {
            MinuteCounts old = counts(minutes, minute);
            if (old.measured() == 0) {
                set(group, minutes, minute, old, old.asMeasured());
            }
        }
    }

    private static MinuteCounts counts(Minutes minutes, long minute) {
        return minutes.all().getOrDefault(minute, MinuteCounts.NONE);
    }

    private void set(
            Map<String, String> group,
            Minutes minutes,
            long minute,
            MinuteCounts old,
            MinuteCounts now) {
        if (!now.equals(old)) {
            minutes.put(minute, now);
            changed.add(new Counted.Changed(group, minute, now));
        }
    }
}

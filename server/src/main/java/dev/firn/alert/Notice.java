package dev.firn.alert;

import dev.firn.config.AlertingConfig;
import dev.firn.query.AlertNotices.Told;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A message about a group.
///
/// @param group its labels
/// @param alerts those that fire, then those that were told to fire and have ended
/// @param told what the receiver knows once it has the message
record Notice(Map<String, String> group, List<Labelled> alerts, Told told) {
    /// The message that is due, if one is.
    ///
    /// @param group its labels
    /// @param alerts of the group: all that fire, and those that `told` names
    /// @param told what the receiver knows; null if nothing
    /// @param quiet of whom nobody is to be told
    /// @param now ms since 1970
    static Optional<Notice> due(
            Map<String, String> group,
            List<Labelled> alerts,
            @Nullable Told told,
            Predicate<Labelled> quiet,
            AlertingConfig times,
            long now) {
        Set<String> known = told == null ? Set.of() : told.alerts();
        List<Labelled> firing =
                alerts.stream().filter(one -> one.firing() && !quiet.test(one)).toList();
        List<Labelled> ended =
                alerts.stream().filter(one -> !one.firing() && known.contains(one.id())).toList();
        boolean news =
                !ended.isEmpty() || firing.stream().anyMatch(one -> !known.contains(one.id()));
        long due;
        if (told == null) {
            due =
                    firing.stream().mapToLong(one -> firedAt(one, now)).min().orElse(now)
                            + millis(times.groupWaitNanos());
        } else {
            due =
                    told.at()
                            + millis(
                                    news
                                            ? times.groupIntervalNanos()
                                            : times.repeatIntervalNanos());
        }
        if (firing.isEmpty() && ended.isEmpty() || now < due) {
            return Optional.empty();
        }
        // who is silenced while it fires stays known, so that its end is told
        Set<String> after = new HashSet<>();
        alerts.stream()
                .filter(one -> one.firing() && known.contains(one.id()))
                .forEach(one -> after.add(one.id()));
        firing.forEach(one -> after.add(one.id()));
        return Optional.of(
                new Notice(
                        group,
                        java.util.stream.Stream.concat(firing.stream(), ended.stream()).toList(),
                        new Told(now, after)));
    }

    private static long firedAt(Labelled one, long now) {
        Long at = one.alert().firedAt();
        return at == null ? now : at;
    }

    private static long millis(long nanos) {
        return nanos / 1_000_000;
    }

    boolean firing() {
        return alerts.stream().anyMatch(Labelled::firing);
    }

    /// The labels as text, in their order.
    static String key(Map<String, String> group) {
        return group.entrySet().stream()
                .map(one -> one.getKey() + "=\"" + one.getValue().replace("\"", "\\\"") + "\"")
                .collect(Collectors.joining(",", "{", "}"));
    }
}

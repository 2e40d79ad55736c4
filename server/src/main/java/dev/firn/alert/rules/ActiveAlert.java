package dev.firn.alert.rules;

import dev.firn.query.promql.value.Labels;
import java.util.SortedMap;

/// An alert that is pending or fires.
///
/// @param labels with `alertname`
/// @param activeAt since when the expression has yielded it, ms since 1970
/// @param keptSince since when it has fired without that; 0 if the expression yields it
public record ActiveAlert(
        Labels labels,
        SortedMap<String, String> annotations,
        long activeAt,
        boolean firing,
        double value,
        long keptSince) {
    /// The label that names it.
    static final String NAME = "alertname";

    ActiveAlert firing(boolean now) {
        return new ActiveAlert(labels, annotations, activeAt, now, value, now ? keptSince : 0);
    }

    ActiveAlert keptSince(long time) {
        return new ActiveAlert(labels, annotations, activeAt, firing, value, time);
    }

    public String state() {
        return firing ? "firing" : "pending";
    }
}

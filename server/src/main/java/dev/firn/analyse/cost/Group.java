package dev.firn.analyse.cost;

import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import dev.firn.model.Series;
import dev.firn.model.WellKnown;
import dev.firn.query.CostBook;

/// Whose cost it is.
///
/// @param source of queries: who asked; else empty
/// @param team value of the attribute that `cost.team` names; empty without
record Group(
        String dataPlaneId,
        String environment,
        String serviceName,
        String team,
        String metric,
        String source) {
    /// Groups beyond those that are told apart.
    static final Group OVERFLOW = special("__overflow__");

    /// Stored, but by points that nothing tells of any more.
    static final Group UNATTRIBUTED = special("__unattributed__");

    /// Not points: metadata, indexes, Firn's own tables, what waits to be deleted; questions of
    /// Firn's own about all metrics together.
    static final Group OVERHEAD = special("__overhead__");

    /// Paid for and not used.
    static final Group IDLE = special("__idle__");

    private static Group special(String name) {
        return new Group("", "", "", "", name, "");
    }

    /// Whether it is nobody's: one of those above.
    boolean isSpecial() {
        return metric.startsWith("__") && metric.endsWith("__");
    }

    /// The group of what was metered.
    static Group of(CostBook.Entry one) {
        return new Group(
                one.dataPlaneId(),
                one.environment(),
                one.serviceName(),
                one.team(),
                one.metric(),
                one.source());
    }

    /// The group of a series.
    static Group of(Series series, String teamAttribute) {
        WellKnown its = series.wellKnown();
        return new Group(
                its.dataPlaneId(),
                its.environment(),
                its.serviceName(),
                team(series, teamAttribute),
                series.metric().name(),
                "");
    }

    private static String team(Series series, String attribute) {
        if (attribute.isEmpty()) {
            return "";
        }
        return Attributes.fromJson(series.attributes())
                .find(attribute)
                .or(() ->
                        Attributes.fromJson(series.metric().resource().attributes())
                                .find(attribute))
                .map(AttributeValue::asText)
                .orElse("");
    }
}

package dev.firn.query.promql.store;

import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Temporality;
import java.util.Arrays;

/// What all series of a metric's name, unit and form have in common.
///
/// @param id `metric_id`
record Family(
        long id,
        String metric,
        String unit,
        MetricType type,
        Temporality temporality,
        boolean monotonic) {
    private static final Resource NO_RESOURCE = new Resource("{}", "", 0, "");
    private static final Scope NO_SCOPE = new Scope("", "", "{}", "", 0);

    static Family of(
            long id,
            String metric,
            String unit,
            String type,
            String temporality,
            String monotonic) {
        return new Family(
                id,
                metric,
                unit,
                Arrays.stream(MetricType.values())
                        .filter(one -> one.label().equals(type))
                        .findFirst()
                        .orElseThrow(
                                () -> new IllegalStateException("unknown type \"" + type + "\"")),
                temporality.equals("delta")
                        ? Temporality.DELTA
                        : temporality.equals("cumulative")
                                ? Temporality.CUMULATIVE
                                : Temporality.UNSPECIFIED,
                !monotonic.equals("0"));
    }

    boolean delta() {
        return temporality == Temporality.DELTA;
    }

    Metric described() {
        return described(NO_RESOURCE, NO_SCOPE);
    }

    Metric described(Resource resource, Scope scope) {
        return new Metric(resource, scope, metric, unit, type, temporality, monotonic, "", "{}");
    }
}

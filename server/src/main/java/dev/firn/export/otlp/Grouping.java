package dev.firn.export.otlp;

import dev.firn.model.Batch;
import dev.firn.model.Exemplars;
import dev.firn.model.Metric;
import dev.firn.model.Points;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The rows of a batch by resource, scope and metric, in the order in which these first appear.
/// Everything that describes (schema URLs, description, …) tells groups apart, too. Points are
/// chained by row numbers, so that a point costs no object. Reused; not thread-safe.
public final class Grouping {
    /// A resource's scopes.
    public record ResourceGroup(Resource resource, List<ScopeGroup> scopes) {}

    /// A scope's metrics.
    public record ScopeGroup(Scope scope, List<MetricGroup> metrics) {}

    /// A metric's rows: begin with [#first], go on with [Grouping#next].
    public static final class MetricGroup {
        private final Metric metric;
        private final Points.Kind kind;
        private final int first;
        private int last;
        private int size = 1;

        private MetricGroup(Metric metric, Points.Kind kind, int first) {
            this.metric = metric;
            this.kind = kind;
            this.first = first;
            this.last = first;
        }

        /// The metric.
        public Metric metric() {
            return metric;
        }

        /// The shape of its points.
        public Points.Kind kind() {
            return kind;
        }

        /// Row of its first point.
        public int first() {
            return first;
        }

        /// Number of its points.
        public int size() {
            return size;
        }
    }

    private record Home(ResourceGroup group, Map<Scope, ScopeGroup> scopes) {}

    private static final int KINDS = Points.Kind.values().length + 1;

    private final List<ResourceGroup> resources = new ArrayList<>();
    private final Map<Resource, Home> homes = new HashMap<>();
    private final Map<Metric, MetricGroup> groups = new HashMap<>();
    private final int[][] nextRow = new int[KINDS][0];
    private final int[][] firstExemplar = new int[KINDS][0];
    private final int[][] lastExemplar = new int[KINDS][0];
    private int[] nextExemplar = new int[0];

    /// Groups the rows of `batch`; the result and [#next] are valid until the next call.
    public List<ResourceGroup> group(Batch batch) {
        resources.clear();
        homes.clear();
        groups.clear();
        for (Points.Kind kind : Points.Kind.values()) {
            rows(batch.points(kind));
        }
        exemplars(batch);
        return resources;
    }

    /// Number of metrics.
    public int metrics() {
        return groups.size();
    }

    /// The metric's row after `row`, or -1.
    public int next(MetricGroup group, int row) {
        return nextRow[group.kind.code()][row];
    }

    /// The first exemplar of a point, or -1.
    public int firstExemplar(Points.Kind kind, int row) {
        return firstExemplar[kind.code()][row];
    }

    /// The exemplar of the same point after this one, or -1.
    public int nextExemplar(int index) {
        return nextExemplar[index];
    }

    private void rows(Points points) {
        int code = points.kind().code();
        int size = points.size();
        if (nextRow[code].length < size) {
            nextRow[code] = new int[points.time.length];
            firstExemplar[code] = new int[points.time.length];
            lastExemplar[code] = new int[points.time.length];
        }
        int[] next = nextRow[code];
        Metric before = null;
        MetricGroup group = null;
        for (int row = 0; row < size; row++) {
            Metric metric = points.series[row].metric();
            next[row] = -1;
            if (group == null || metric != before) { // mostly the same object as the row before
                group = groups.get(metric);
                before = metric;
            }
            if (group == null) {
                group = open(metric, points.kind(), row);
            } else {
                next[group.last] = row;
                group.last = row;
                group.size++;
            }
        }
    }

    private MetricGroup open(Metric metric, Points.Kind kind, int row) {
        var group = new MetricGroup(metric, kind, row);
        groups.put(metric, group);
        Home home = homes.get(metric.resource());
        if (home == null) {
            home =
                    new Home(
                            new ResourceGroup(metric.resource(), new ArrayList<>()),
                            new HashMap<>());
            homes.put(metric.resource(), home);
            resources.add(home.group);
        }
        ScopeGroup scope = home.scopes.get(metric.scope());
        if (scope == null) {
            scope = new ScopeGroup(metric.scope(), new ArrayList<>());
            home.scopes.put(metric.scope(), scope);
            home.group.scopes.add(scope);
        }
        scope.metrics.add(group);
        return group;
    }

    private void exemplars(Batch batch) {
        for (Points.Kind kind : Points.Kind.values()) {
            Arrays.fill(firstExemplar[kind.code()], 0, batch.points(kind).size(), -1);
        }
        Exemplars exemplars = batch.exemplars;
        int size = exemplars.size();
        if (nextExemplar.length < size) {
            nextExemplar = new int[exemplars.time.length];
        }
        for (int i = 0; i < size; i++) {
            int code = exemplars.pointKind[i];
            int row = exemplars.pointRow[i];
            nextExemplar[i] = -1;
            if (firstExemplar[code][row] < 0) {
                firstExemplar[code][row] = i;
            } else {
                nextExemplar[lastExemplar[code][row]] = i;
            }
            lastExemplar[code][row] = i;
        }
    }

    /// Memory kept for the next batch, in rows.
    int retainedRows() {
        int rows = nextExemplar.length;
        for (int[] next : nextRow) {
            rows += next.length;
        }
        return rows;
    }

    /// Lets go of everything that belongs to a batch.
    public void clear() {
        resources.clear();
        homes.clear();
        groups.clear();
    }
}

package dev.firn.analyse.cost;

import dev.firn.model.Batch;
import dev.firn.model.Metric;
import dev.firn.model.Points;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Series;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/// Counts requests as they stand in the log. A request's bytes are those of its points as an OTLP
/// request, each resource, scope and metric once; what points share is divided by points. The
/// shares add up to the request's bytes. A hot path: primitive accumulators by number of the
/// (metric, group); `firn bench ingest` has it. Not thread-safe.
final class BatchMeter {
    /// Series unseen so long are new when they come again.
    static final int NEW_AFTER_HOURS = 90 * 24;

    /// Metrics of resources and scopes that are numbered before numbers begin anew.
    private static final int NODES_MAX = 1_000_000;

    private record NodeKey(Metric metric, Group group) {}

    private final MeteredSeries series;
    private final String teamAttribute;
    private final int groupsMax;
    private final Quantities counted = new Quantities();
    private final Map<Group, Group> groups = new HashMap<>();

    private final Map<Resource, Integer> resources = new HashMap<>();
    private final Map<List<Object>, Integer> scopes = new HashMap<>();
    private final Map<Metric, Integer> metrics = new HashMap<>();
    private final Map<NodeKey, Integer> nodes = new HashMap<>();
    private final List<Node> numbered = new ArrayList<>();
    private final List<Own> metricOwn = new ArrayList<>();
    private final List<Own> scopeOwn = new ArrayList<>();
    private final List<Own> resourceOwn = new ArrayList<>();

    private long[] touched = new long[1 << 10]; // ids of series whose hour changed
    private int[] touchedBefore = new int[1 << 10]; // their hours before
    private int touchedSize;
    private long seriesLeftOut;

    // of the request
    private final List<Node> used = new ArrayList<>();

    /// A metric of a resource and scope, as far as it is one group's.
    private static final class Node {
        final Group group;
        final int metric;
        long points;
        long samples;
        long bytes;
        long newSeries;
        long active;

        Node(Group group, int metric) {
            this.group = group;
            this.metric = metric;
        }

        void empty() {
            points = 0;
            samples = 0;
            bytes = 0;
            newSeries = 0;
            active = 0;
        }
    }

    /// What a message takes beside what is in it.
    ///
    /// @param parent number of the message that it is in
    /// @param bytes of its own fields
    /// @param dataBytes of the fields beside the points; -1 if it is no metric
    private record Own(int parent, long bytes, long dataBytes) {}

    /// @param teamAttribute empty for none
    /// @param groupsMax groups that are told apart
    BatchMeter(MeteredSeries series, String teamAttribute, int groupsMax) {
        this.series = series;
        this.teamAttribute = teamAttribute;
        this.groupsMax = groupsMax;
    }

    /// What was counted since the last [#clear].
    Quantities counted() {
        return counted;
    }

    /// The series that were seen in another hour than before, since the last [#clear].
    long[] touched() {
        return Arrays.copyOf(touched, touchedSize);
    }

    /// Series that could not be remembered, since the last [#clear].
    long seriesLeftOut() {
        return seriesLeftOut;
    }

    void clear() {
        counted.clear();
        touchedSize = 0;
        seriesLeftOut = 0;
    }

    /// Forgets what was counted since the last [#clear], so that it can be counted again.
    void undo() {
        for (int i = touchedSize - 1; i >= 0; i--) {
            int slot = series.find(touched[i]);
            series.hour(slot, touchedBefore[i]);
        }
        for (Node node : used) {
            node.empty();
        }
        used.clear();
        clear();
    }

    /// Counts a request.
    ///
    /// @param hour since 1970, in which it is counted; never falls
    void take(Batch batch, int hour) {
        for (Points.Kind kind : Points.Kind.values()) {
            take(batch, kind, hour);
        }
        share();
        for (Node node : used) {
            counted.add(Meter.POINTS, node.group, node.points);
            counted.add(Meter.SAMPLES, node.group, node.samples);
            counted.add(Meter.OTLP_BYTES, node.group, node.bytes);
            counted.add(Meter.NEW_SERIES, node.group, node.newSeries);
            counted.add(Meter.ACTIVE_SERIES_HOURS, node.group, node.active);
            node.empty();
        }
        used.clear();
    }

    private void take(Batch batch, Points.Kind kind, int hour) {
        Points points = batch.points(kind);
        long[] exemplars = exemplars(batch, kind);
        Series last = null;
        Node node = null;
        long attributes = 0;
        for (int row = 0; row < points.size(); row++) {
            Series one = points.series[row];
            long weight = OtlpSizes.weight(batch, kind, row);
            if (node == null || one != last) {
                int slot = slot(one, hour);
                node = slot < 0 ? numbered.get(number(one)) : numbered.get(series.node(slot));
                attributes =
                        slot < 0
                                ? OtlpSizes.attributes(one.attributes())
                                : series.attributeBytes(slot);
                last = one;
                if (node.points == 0) {
                    used.add(node);
                }
                if (slot >= 0) {
                    see(node, slot, one.id(), hour, weight);
                }
            }
            node.points++;
            node.samples += weight;
            node.bytes +=
                    OtlpSizes.framed(
                            OtlpSizes.of(points, row)
                                    + attributes
                                    + (exemplars.length == 0 ? 0 : exemplars[row]));
        }
    }

    private static long[] exemplars(Batch batch, Points.Kind kind) {
        if (batch.exemplars.size() == 0 || kind == Points.Kind.SUMMARIES) { // which have none
            return new long[0];
        }
        var bytes = new long[batch.points(kind).size()];
        for (int i = 0; i < batch.exemplars.size(); i++) {
            if (batch.exemplars.pointKind[i] == kind.code()) {
                bytes[batch.exemplars.pointRow[i]] += OtlpSizes.of(batch.exemplars, i);
            }
        }
        return bytes;
    }

    /// The series' slot, with its node; -1 if it cannot be remembered.
    private int slot(Series one, int hour) {
        int slot = series.find(one.id());
        if (slot < 0) {
            if (series.full()) {
                seriesLeftOut++;
                return -1;
            }
            slot = series.add(one.id(), Math.max(1, hour - NEW_AFTER_HOURS - 1));
        }
        if (series.node(slot) < 0) {
            int number = number(one);
            series.resolve(slot, number, Math.toIntExact(OtlpSizes.attributes(one.attributes())));
        }
        return slot;
    }

    private void see(Node node, int slot, long id, int hour, long weight) {
        int before = series.hour(slot);
        if (before >= hour) {
            return;
        }
        node.active++;
        if (before < hour - NEW_AFTER_HOURS) {
            node.newSeries += weight;
        }
        series.hour(slot, hour);
        if (touchedSize == touched.length) {
            touched = Arrays.copyOf(touched, touchedSize * 2);
            touchedBefore = Arrays.copyOf(touchedBefore, touchedSize * 2);
        }
        touchedBefore[touchedSize] = before;
        touched[touchedSize++] = id;
    }

    private int number(Series one) {
        if (numbered.size() >= NODES_MAX && used.isEmpty()) {
            forget();
        }
        Metric metric = one.metric();
        Group group = told(Group.of(one, teamAttribute));
        return nodes.computeIfAbsent(
                new NodeKey(metric, group),
                key -> {
                    numbered.add(new Node(group, metric(metric)));
                    return numbered.size() - 1;
                });
    }

    private void forget() {
        resources.clear();
        scopes.clear();
        metrics.clear();
        nodes.clear();
        numbered.clear();
        metricOwn.clear();
        scopeOwn.clear();
        resourceOwn.clear();
        series.unresolve();
    }

    private Group told(Group group) {
        Group known = groups.get(group);
        if (known != null) {
            return known;
        }
        if (groups.size() >= groupsMax) {
            return Group.OVERFLOW;
        }
        groups.put(group, group);
        return group;
    }

    private int metric(Metric metric) {
        return metrics.computeIfAbsent(
                metric,
                key -> {
                    int scope = scope(metric.resource(), metric.scope());
                    metricOwn.add(new Own(scope, OtlpSizes.of(metric), OtlpSizes.ofData(metric)));
                    return metricOwn.size() - 1;
                });
    }

    private int scope(Resource resource, Scope scope) {
        return scopes.computeIfAbsent(
                List.of(resource, scope),
                key -> {
                    int its =
                            resources.computeIfAbsent(
                                    resource,
                                    one -> {
                                        resourceOwn.add(new Own(-1, OtlpSizes.of(one), -1));
                                        return resourceOwn.size() - 1;
                                    });
                    scopeOwn.add(new Own(its, OtlpSizes.of(scope), -1));
                    return scopeOwn.size() - 1;
                });
    }

    /// Divides what the request's points share: first what a metric's do, then a scope's, then a
    /// resource's. After each level the points' bytes are those of the messages that hold them.
    private void share() {
        share(node -> node.metric, metricOwn);
        share(node -> metricOwn.get(node.metric).parent, scopeOwn);
        share(node -> scopeOwn.get(metricOwn.get(node.metric).parent).parent, resourceOwn);
    }

    private void share(ToIntFunction<Node> level, List<Own> own) {
        Map<Integer, List<Node>> members = new LinkedHashMap<>();
        for (Node node : used) {
            members.computeIfAbsent(level.applyAsInt(node), key -> new ArrayList<>()).add(node);
        }
        members.forEach((number, its) -> {
            Own message = own.get(number);
            long inside = its.stream().mapToLong(node -> node.bytes).sum();
            long contents =
                    message.dataBytes < 0 ? inside : OtlpSizes.framed(message.dataBytes + inside);
            long whole = OtlpSizes.framed(message.bytes + contents);
            long[] parts =
                    LargestRemainder.divide(
                            whole - inside, its.stream().mapToLong(node -> node.points).toArray());
            for (int i = 0; i < parts.length; i++) {
                its.get(i).bytes += parts[i];
            }
        });
    }
}

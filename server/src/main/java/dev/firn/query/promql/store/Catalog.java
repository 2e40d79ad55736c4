package dev.firn.query.promql.store;

import dev.firn.engine.EngineClient.Row;
import dev.firn.engine.NativeReader;
import dev.firn.engine.NativeReader.Block;
import dev.firn.engine.NativeReader.Column;
import dev.firn.model.Attributes;
import dev.firn.model.prometheus.AttributeText;
import dev.firn.model.prometheus.FamilyType;
import dev.firn.model.prometheus.GoFloat;
import dev.firn.query.promql.lang.GoNumber;
import dev.firn.query.promql.lang.Matcher;
import dev.firn.query.promql.value.Labels;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// What series there are, without their samples. Presence is known by the day.
public final class Catalog {
    private final Resolver resolver;
    private final TargetInfo targets;
    private final Translation translation;
    private final Reads reads;

    Catalog(Resolver resolver, TargetInfo targets, Translation translation, Reads reads) {
        this.resolver = resolver;
        this.targets = targets;
        this.translation = translation;
        this.reads = reads;
    }

    /// Series that match all matchers.
    public SortedSet<Labels> series(List<Matcher> matchers, long fromMillis, long toMillis) {
        var found = new TreeSet<Labels>();
        var split = new ArrayList<Group>();
        for (Group group : resolver.groups(matchers, fromMillis, toMillis, reads)) {
            if (group.split().isEmpty()) {
                found.add(group.labels());
            } else {
                split.add(group);
            }
        }
        if (!split.isEmpty()) {
            split(split, matchers, fromMillis, toMillis, found);
        }
        targets.series(matchers, fromMillis, toMillis, reads)
                .forEach(entry -> found.add(entry.labels()));
        return found;
    }

    private void split(
            List<Group> groups,
            List<Matcher> matchers,
            long fromMillis,
            long toMillis,
            SortedSet<Labels> found) {
        Map<Long, List<String>> values = new HashMap<>();
        for (String table : List.of("histograms", "summaries")) {
            var members =
                    groups.stream()
                            .flatMap(group -> group.members().stream())
                            .filter(member -> member.table().equals(table))
                            .distinct()
                            .toList();
            if (!members.isEmpty()) {
                values(table, members, fromMillis, toMillis, values);
            }
        }
        for (Group group : groups) {
            for (Member member : group.members()) {
                for (String value : values.getOrDefault(member.seriesId(), List.of())) {
                    boolean wanted =
                            matchers.stream()
                                    .filter(one -> one.name().equals(group.split()))
                                    .allMatch(one -> one.matches(value));
                    if (wanted) {
                        found.add(group.labels(value));
                    }
                }
            }
        }
    }

    private void values(
            String table,
            List<Member> members,
            long fromMillis,
            long toMillis,
            Map<Long, List<String>> values) {
        boolean buckets = table.equals("histograms");
        var parameters =
                Map.of(
                        "table", table,
                        "column", buckets ? "bounds" : "quantiles",
                        "keys", String.join(",", members.stream().map(Member::key).toList()),
                        "from", Long.toString(PointsReader.within(fromMillis)),
                        "to", Long.toString(PointsReader.within(toMillis)));
        try (NativeReader reader = reads.open("splits", parameters)) {
            for (Block block = reader.next(); block != null; block = reader.next()) {
                Column.DoubleArrays column = block.doubleArrays(1);
                for (int i = 0; i < block.rows(); i++) {
                    int from = i == 0 ? 0 : (int) column.ends()[i - 1];
                    var list = new ArrayList<String>();
                    for (int j = from; j < column.ends()[i]; j++) {
                        list.add(GoFloat.canonical(column.values()[j]));
                    }
                    if (buckets && !list.contains("+Inf")) {
                        list.add("+Inf");
                    }
                    values.put(block.longs(0)[i], list);
                }
            }
        } catch (IOException e) {
            throw reads.brokenOff("splits", e);
        }
    }

    /// Names of all series, from the list of metrics alone.
    public SortedSet<String> names() {
        var names = new TreeSet<String>();
        translation
                .wanted(Resolver.families(reads), List.of())
                .forEach(wanted -> names.add(wanted.name()));
        names.add(translation.targetInfo());
        return names;
    }

    /// What is said of a family.
    public record Metadata(String type, String help, String unit) {}

    /// By names of families.
    public SortedMap<String, List<Metadata>> metadata() {
        var metadata = new TreeMap<String, List<Metadata>>();
        for (Row row : reads.rows("metadata", Map.of())) {
            Family family = family(row);
            String name = translation.name(family);
            if (name.isEmpty()) {
                continue;
            }
            FamilyType type = FamilyType.of(family.described());
            String text = type == FamilyType.UNKNOWN ? "unknown" : type.text();
            var one = new Metadata(text, row.text(6), translation.unit(family));
            List<Metadata> all = metadata.computeIfAbsent(name, _ -> new ArrayList<>());
            if (!all.contains(one)) {
                all.add(one);
            }
        }
        return metadata;
    }

    private static Family family(Row row) {
        return Family.of(
                row.number(0), row.text(1), row.text(2), row.text(3), row.text(4), row.text(5));
    }

    /// An example measurement.
    ///
    /// @param labels ids of trace and span, and filtered attributes
    public record Exemplar(Map<String, String> labels, double value, long timeMillis) {}

    /// Exemplars of the series that match, by series; those of a histogram by the bucket in which
    /// the measurement is.
    ///
    /// @param limit of them all
    public Map<Labels, List<Exemplar>> exemplars(
            List<Matcher> matchers, long fromMillis, long toMillis, int limit) {
        var groups = new HashMap<Long, Group>();
        var members = new ArrayList<Member>();
        for (Group group : resolver.groups(matchers, fromMillis, toMillis, reads)) {
            for (Member member : group.members()) {
                groups.put(member.seriesId(), group);
                members.add(member);
            }
        }
        var found = new LinkedHashMap<Labels, List<Exemplar>>();
        if (members.isEmpty()) {
            return found;
        }
        var bounds = new HashMap<Long, List<String>>();
        var buckets = members.stream().filter(one -> one.form() == Form.BUCKET).toList();
        if (!buckets.isEmpty()) {
            values("histograms", buckets, fromMillis, toMillis, bounds);
        }
        var parameters =
                Map.of(
                        "keys", String.join(",", members.stream().map(Member::key).toList()),
                        "from", Long.toString(PointsReader.within(fromMillis)),
                        "to", Long.toString(PointsReader.within(toMillis)),
                        "limit", Integer.toString(limit));
        for (Row row : reads.rows("exemplars", parameters)) {
            Group group = groups.get(row.number(0));
            if (group == null) {
                continue;
            }
            double value = row.real(2);
            Labels labels =
                    group.labels(bucket(bounds.getOrDefault(row.number(0), List.of()), value));
            if (matchers.stream().allMatch(one -> one.matches(labels.get(one.name())))) {
                found.computeIfAbsent(labels, _ -> new ArrayList<>())
                        .add(new Exemplar(exemplarLabels(row), value, row.number(1)));
            }
        }
        return found;
    }

    /// The bound of the bucket that holds a value; empty if none are known.
    private static String bucket(List<String> bounds, double value) {
        return bounds.stream()
                .filter(bound -> value <= GoNumber.parse(bound).orElse(Double.NaN))
                .findFirst()
                .orElse("");
    }

    private Map<String, String> exemplarLabels(Row row) {
        var labels = new TreeMap<String, String>();
        if (!row.text(5).isEmpty()) {
            for (Attributes.Entry entry : Attributes.fromJson(row.text(5)).entries()) {
                labels.put(translation.label(entry.key()), AttributeText.of(entry.value()));
            }
        }
        if (!row.text(3).isEmpty()) {
            labels.put("trace_id", row.text(3));
        }
        if (!row.text(4).isEmpty()) {
            labels.put("span_id", row.text(4));
        }
        return labels;
    }

    /// How many of something there are.
    public record Count(String name, long value) {}

    /// Counts of series: stored ones, as one histogram is one.
    ///
    /// @param metrics with the most series
    /// @param labels with the most values
    /// @param pairs of label and value in the most series
    public record Cardinality(
            long series, List<Count> metrics, List<Count> labels, List<Count> pairs) {}

    /// Where the series are.
    ///
    /// @param limit entries of each list
    public Cardinality cardinality(int limit) {
        long series = 0;
        var byName = new TreeMap<String, Long>();
        for (Row row : reads.rows("cardinality", Map.of())) {
            series += row.number(6);
            byName.merge(translation.name(family(row)), row.number(6), Long::sum);
        }
        var metrics = new ArrayList<Count>();
        byName.forEach((name, count) -> metrics.add(new Count(name, count)));
        metrics.sort((a, b) -> Long.compare(b.value, a.value));
        var labels = new ArrayList<Count>();
        var pairs = new ArrayList<Count>();
        for (Row row : reads.rows("cardinality_labels", Map.of("limit", Integer.toString(limit)))) {
            boolean label = row.text(0).equals("label");
            (label ? labels : pairs).add(new Count(row.text(1), row.number(2)));
        }
        return new Cardinality(
                series, metrics.subList(0, Math.min(limit, metrics.size())), labels, pairs);
    }
}

package dev.firn.query.promql.eval;

import com.google.re2j.Pattern;
import dev.firn.query.promql.eval.VectorFunction.Arguments;
import dev.firn.query.promql.lang.DurationExpr;
import dev.firn.query.promql.lang.Expr;
import dev.firn.query.promql.lang.Expr.When;
import dev.firn.query.promql.lang.Matcher;
import dev.firn.query.promql.value.Labels;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// `info`: adds the labels of info metrics (`target_info`, or what the second argument selects) to
/// series with the same `instance` and `job`.
final class InfoFunction {
    private static final Set<String> IDENTIFYING = Set.of("instance", "job");
    private static final String TARGET_INFO = "target_info";

    private final Arguments arguments;
    private final List<Matcher> names = new ArrayList<>();
    private final List<Matcher> data = new ArrayList<>();

    private InfoFunction(Arguments arguments) {
        this.arguments = arguments;
        if (arguments.count() > 1
                && arguments.call().arguments().get(1) instanceof Expr.VectorSelector selector) {
            for (Matcher matcher : selector.matchers()) {
                (matcher.name().equals(Labels.NAME) ? names : data).add(matcher);
            }
        }
    }

    static void register(Map<String, VectorFunction> functions) {
        functions.put("info", arguments -> new InfoFunction(arguments).run());
    }

    private List<Column> run() {
        List<Column> base = arguments.vector(0);
        List<Matcher> effective = effectiveNames();
        var enriched = new ArrayList<Column>();
        var out = new Columns(arguments.steps());
        for (Column column : base) {
            if (effective.stream().allMatch(m -> m.matches(column.labels().name()))) {
                for (int i = 0; i < column.steps(); i++) {
                    copy(column, i, column.labels(), out);
                }
            } else {
                enriched.add(column);
            }
        }
        Map<Labels, List<Info>> infos = infos(enriched, effective);
        for (Column column : enriched) {
            List<Info> own = infos.getOrDefault(column.labels().keep(IDENTIFYING), List.of());
            for (int i = 0; i < column.steps(); i++) {
                if (column.has(i)) {
                    enrich(column, i, own, out);
                }
            }
        }
        return out.list();
    }

    private List<Matcher> effectiveNames() {
        if (names.isEmpty()) {
            return List.of(new Matcher(Matcher.Type.EQUAL, Labels.NAME, TARGET_INFO));
        }
        boolean positive =
                names.stream()
                        .anyMatch(m ->
                                m.type() == Matcher.Type.EQUAL || m.type() == Matcher.Type.REGEX);
        var all = new ArrayList<>(names);
        if (!positive) {
            all.addFirst(new Matcher(Matcher.Type.REGEX, Labels.NAME, ".+_info"));
        }
        return all;
    }

    private record Info(Column column, long[] times) {}

    /// Info series by the labels that identify what they describe.
    private Map<Labels, List<Info>> infos(List<Column> base, List<Matcher> effective) {
        var matchers = new ArrayList<Matcher>();
        for (String label : IDENTIFYING) {
            Set<String> values =
                    base.stream()
                            .map(column -> column.labels().get(label))
                            .filter(value -> !value.isEmpty())
                            .collect(Collectors.toCollection(TreeSet::new));
            if (!values.isEmpty()) {
                String pattern =
                        values.stream().map(Pattern::quote).collect(Collectors.joining("|"));
                matchers.add(new Matcher(Matcher.Type.REGEX, label, pattern));
            }
        }
        var infos = new HashMap<Labels, List<Info>>();
        if (matchers.isEmpty()) {
            return infos;
        }
        matchers.addAll(data);
        matchers.addAll(effective);
        new InstantSelector(arguments.evaluator(), arguments.grid())
                .each(
                        matchers,
                        when(),
                        "info",
                        (column, times) -> {
                            numbersOnly(column);
                            infos.computeIfAbsent(
                                            column.labels().keep(IDENTIFYING),
                                            _ -> new ArrayList<>())
                                    .add(new Info(column, times));
                        });
        return infos;
    }

    private static void numbersOnly(Column column) {
        for (int i = 0; i < column.steps(); i++) {
            if (column.isHistogram(i)) {
                throw QueryException.execution(
                        "this should be an info metric, with float samples: " + column.labels());
            }
        }
    }

    /// The info metrics are read at the time of the first selector within the argument.
    private When when() {
        When found = find(arguments.call().arguments().getFirst(), new ArrayList<>());
        return found == null ? When.EVALUATION : found;
    }

    private @Nullable When find(Expr expr, List<When> around) {
        if (expr instanceof Expr.VectorSelector selector) {
            return resolved(selector.when(), around);
        }
        var within = new ArrayList<>(around);
        if (expr instanceof Expr.Subquery subquery) {
            within.add(subquery.when());
        }
        for (Expr child : expr.children()) {
            When found = find(child, within);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private When resolved(When own, List<When> around) {
        double offset = arguments.evaluator().millis(own.offset());
        When at = own;
        for (int i = around.size() - 1; !at.isFixed() && i >= 0; i--) {
            at = around.get(i);
            offset += arguments.evaluator().millis(at.offset());
        }
        return new When(at.atMillis(), at.edge(), new DurationExpr.Literal(offset / 1000, false));
    }

    private void enrich(Column column, int i, List<Info> infos, Columns out) {
        Map<String, Info> latest = latest(infos, i);
        if (latest.isEmpty() && data.stream().anyMatch(matcher -> !matcher.matches(""))) {
            return;
        }
        Map<String, String> added = new HashMap<>();
        latest.values().forEach(info -> add(info.column.labels(), column.labels(), added));
        Map<String, String> labels = column.labels().map();
        labels.putAll(added);
        copy(column, i, Labels.of(labels), out);
    }

    /// Of each info metric the series with the newest sample.
    private static Map<String, Info> latest(List<Info> infos, int i) {
        var latest = new HashMap<String, Info>();
        for (Info info : infos) {
            if (!info.column.has(i)) {
                continue;
            }
            Info known = latest.get(info.column.labels().name());
            if (known != null && known.times[i] == info.times[i]) {
                throw QueryException.execution(
                        String.format(
                                "found duplicate series for info metric: existing %s @ %d, new %s @"
                                        + " %d",
                                known.column.labels(),
                                known.times[i],
                                info.column.labels(),
                                info.times[i]));
            }
            if (known == null || known.times[i] < info.times[i]) {
                latest.put(info.column.labels().name(), info);
            }
        }
        return latest;
    }

    private void add(Labels info, Labels base, Map<String, String> added) {
        for (int i = 0; i < info.size(); i++) {
            String name = info.nameAt(i);
            boolean wanted = data.isEmpty() || data.stream().anyMatch(m -> m.name().equals(name));
            if (name.equals(Labels.NAME) || !wanted) {
                continue;
            }
            String known = added.get(name);
            if (known != null && !known.equals(info.valueAt(i))) {
                throw QueryException.execution("conflicting label: " + name);
            }
            if (base.get(name).isEmpty()) {
                added.put(name, info.valueAt(i));
            }
        }
    }

    private static void copy(Column column, int i, Labels labels, Columns out) {
        if (column.has(i)) {
            out.free(labels, column.dropName(), i).copy(i, column, i);
        }
    }
}

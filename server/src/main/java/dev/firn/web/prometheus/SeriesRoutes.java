package dev.firn.web.prometheus;

import dev.firn.query.promql.lang.Expr;
import dev.firn.query.promql.lang.Matcher;
import dev.firn.query.promql.lang.ParseException;
import dev.firn.query.promql.lang.Parser;
import dev.firn.query.promql.store.Catalog;
import dev.firn.query.promql.store.Catalog.Exemplar;
import dev.firn.query.promql.store.PromqlService;
import dev.firn.query.promql.value.Labels;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import tools.jackson.core.JsonGenerator;

/// Questions about series, labels, metadata and exemplars.
final class SeriesRoutes {
    private static final String TRUNCATED = "results truncated due to limit";
    private static final int EXEMPLARS_MAX = 10_000;
    private static final int TOP = 10;

    private final LongSupplier nowMillis;

    SeriesRoutes(LongSupplier nowMillis) {
        this.nowMillis = nowMillis;
    }

    private static List<List<Matcher>> matchers(Parameters parameters) {
        List<List<Matcher>> sets = parameters.matchers();
        for (List<Matcher> set : sets) {
            if (set.stream().allMatch(one -> one.matches(""))) {
                throw ApiFailure.parameter(
                        "match[]", "match[] must contain at least one non-empty matcher");
            }
        }
        return sets;
    }

    private static long start(Parameters parameters) {
        return parameters.time("start", Parameters.TIME_MIN);
    }

    private static long end(Parameters parameters) {
        long end = parameters.time("end", Parameters.TIME_MAX);
        if (end < start(parameters)) {
            throw ApiFailure.parameter("end", "end timestamp must not be before start timestamp");
        }
        return end;
    }

    private static Catalog catalog(PromqlService service) {
        return service.catalog(() -> false);
    }

    void series(PromqlService service, Parameters parameters, Reply reply) {
        if (parameters.all("match[]").isEmpty()) {
            throw ApiFailure.badData("no match[] parameter provided");
        }
        int limit = parameters.limit("limit");
        SortedSet<Labels> found =
                found(service, matchers(parameters), start(parameters), end(parameters));
        list(found, limit, (out, labels) -> new ResultJson(out).labels(labels), reply);
    }

    private static SortedSet<Labels> found(
            PromqlService service, List<List<Matcher>> sets, long from, long to) {
        Catalog catalog = catalog(service);
        var found = new TreeSet<Labels>();
        sets.forEach(set -> found.addAll(catalog.series(set, from, to)));
        return found;
    }

    private interface Item<T> {
        void write(JsonGenerator out, T item);
    }

    private static <T> void list(Collection<T> all, int limit, Item<T> item, Reply reply) {
        boolean cut = limit > 0 && all.size() > limit;
        reply.success(
                out -> {
                    out.writeStartArray();
                    all.stream()
                            .limit(cut ? limit : all.size())
                            .forEach(one -> item.write(out, one));
                    out.writeEndArray();
                },
                cut ? List.of(TRUNCATED) : List.of(),
                List.of());
    }

    void labels(PromqlService service, Parameters parameters, Reply reply) {
        var names = new TreeSet<String>();
        for (Labels labels : asked(service, parameters)) {
            for (int i = 0; i < labels.size(); i++) {
                names.add(labels.nameAt(i));
            }
        }
        list(names, parameters.limit("limit"), JsonGenerator::writeString, reply);
    }

    /// Without matchers all of them.
    private static SortedSet<Labels> asked(PromqlService service, Parameters parameters) {
        List<List<Matcher>> sets = matchers(parameters);
        return found(
                service,
                sets.isEmpty() ? List.of(List.of()) : sets,
                start(parameters),
                end(parameters));
    }

    void values(PromqlService service, String name, Parameters parameters, Reply reply) {
        String label = unescaped(name);
        var values = new TreeSet<String>();
        if (label.equals(Labels.NAME) && parameters.all("match[]").isEmpty()) {
            values.addAll(catalog(service).names());
        } else {
            for (Labels labels : asked(service, parameters)) {
                values.add(labels.get(label));
            }
        }
        values.remove("");
        list(values, parameters.limit("limit"), JsonGenerator::writeString, reply);
    }

    /// `U__http_2e_method`: how a path names what is not letters, digits and underscores.
    private static String unescaped(String name) {
        if (!name.startsWith("U__")) {
            return name;
        }
        var out = new StringBuilder();
        int i = 3;
        while (i < name.length()) {
            char c = name.charAt(i++);
            if (c != '_') {
                out.append(c);
                continue;
            }
            int end = name.indexOf('_', i);
            String code = end < 0 ? "" : name.substring(i, end);
            if (end == i) {
                out.append('_');
            } else if (code.matches("[0-9a-fA-F]{1,6}")) {
                out.appendCodePoint(Integer.parseInt(code, 16));
            } else {
                return name;
            }
            i = end + 1;
        }
        return out.toString();
    }

    void metadata(PromqlService service, Parameters parameters, Reply reply) {
        int limit = parameters.text("limit").isEmpty() ? -1 : parameters.limit("limit");
        int perMetric = parameters.limit("limit_per_metric");
        String metric = parameters.text("metric");
        var metadata = new LinkedHashMap<String, List<Catalog.Metadata>>();
        catalog(service)
                .metadata()
                .forEach((name, all) -> {
                    boolean wanted = metric.isEmpty() || metric.equals(name);
                    if (wanted && (limit < 0 || metadata.size() < limit)) {
                        metadata.put(
                                name,
                                perMetric > 0 && all.size() > perMetric
                                        ? all.subList(0, perMetric)
                                        : all);
                    }
                });
        reply.success(out -> out.writePOJO(metadata));
    }

    void exemplars(PromqlService service, Parameters parameters, Reply reply) {
        long from = start(parameters);
        long to = end(parameters);
        var selectors = new ArrayList<List<Matcher>>();
        try {
            collect(Parser.parse(parameters.text("query"), service.features()), selectors);
        } catch (ParseException e) {
            throw ApiFailure.parameter("query", String.valueOf(e.getMessage()));
        }
        Catalog catalog = catalog(service);
        var found = new LinkedHashMap<Labels, List<Exemplar>>();
        for (List<Matcher> selector : selectors) {
            found.putAll(catalog.exemplars(selector, from, to, EXEMPLARS_MAX));
        }
        reply.success(out -> exemplars(out, found));
    }

    private static void collect(Expr expr, List<List<Matcher>> selectors) {
        if (expr instanceof Expr.VectorSelector selector) {
            selectors.add(selector.matchers());
        }
        expr.children().forEach(child -> collect(child, selectors));
    }

    private static void exemplars(JsonGenerator out, Map<Labels, List<Exemplar>> found) {
        out.writeStartArray();
        found.forEach((labels, exemplars) -> {
            out.writeStartObject();
            out.writeName("seriesLabels");
            new ResultJson(out).labels(labels);
            out.writeName("exemplars");
            out.writeStartArray();
            for (Exemplar exemplar : exemplars) {
                out.writeStartObject();
                out.writeName("labels");
                out.writePOJO(exemplar.labels());
                out.writeStringProperty("value", ResultJson.number(exemplar.value()));
                out.writeName("timestamp");
                out.writeRawValue(ResultJson.seconds(exemplar.timeMillis()));
                out.writeEndObject();
            }
            out.writeEndArray();
            out.writeEndObject();
        });
        out.writeEndArray();
    }

    void cardinality(PromqlService service, Parameters parameters, Reply reply) {
        int limit = parameters.limit("limit");
        Catalog.Cardinality found = catalog(service).cardinality(limit == 0 ? TOP : limit);
        var head = new LinkedHashMap<String, Object>();
        head.put("numSeries", found.series());
        head.put("numLabelPairs", 0);
        head.put("chunkCount", 0);
        head.put("minTime", 0);
        head.put("maxTime", nowMillis.getAsLong());
        var data = new LinkedHashMap<String, Object>();
        data.put("headStats", head);
        data.put("seriesCountByMetricName", found.metrics());
        data.put("labelValueCountByLabelName", found.labels());
        data.put("memoryInBytesByLabelName", List.of());
        data.put("seriesCountByLabelValuePair", found.pairs());
        reply.success(out -> out.writePOJO(data));
    }
}

package dev.firn.analyse.slo.live;

import dev.firn.analyse.slo.MinuteCounts;
import dev.firn.analyse.slo.SloWindow.Span;
import dev.firn.query.Answer;
import dev.firn.query.Queries;
import dev.firn.query.ResultTables;
import dev.firn.query.ResultTables.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// The engine's tables of minutes and of how far they are counted. Minutes are stored before the
/// progress that speaks of them, so that after an end between both they are counted again.
final class MinuteStore {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final TypeReference<LinkedHashMap<String, String>> GROUP =
            new TypeReference<>() {};
    private static final String MINUTES =
            "slo, definition, group_values, minute, total, good_lower, good_upper, good_estimate,"
                    + " unknown_baseline, measured, below, above, version";
    private static final String PROGRESS =
            "slo, definition, counted_from, as_of, looked_at, cuts, version";

    /// Minutes of one answer.
    private static final long CHUNK = 4 * 1440;

    private final Queries queries;
    private final ResultTables tables;

    MinuteStore(Queries queries, ResultTables tables) {
        this.queries = queries;
        this.tables = tables;
    }

    /// Makes tables and views where they are not there.
    void define() throws InterruptedException {
        tables.define(
                List.of(
                        "slo/create_minutes",
                        "slo/create_progress",
                        "slo/create_results",
                        "slo/replace_v_slo_status",
                        "slo/replace_v_slo_compliance"));
    }

    /// What is stored of an objective.
    ///
    /// @param from minutes before it are not needed
    Counted load(Defined defined, long from) throws InterruptedException {
        var counted = new Counted(defined);
        Map<String, String> which =
                Map.of(
                        "slo",
                        defined.slo().name(),
                        "definition",
                        Long.toUnsignedString(defined.digest()));
        Answer progress = ask("read_progress", which);
        if (progress.size() == 0) {
            return counted;
        }
        long countedFrom = progress.number(0, 0) / 60;
        long asOf = progress.number(0, 1) / 60;
        for (long at = Math.max(from, countedFrom); at < asOf; at += CHUNK) {
            minutes(counted, which, new Span(at, Math.min(asOf, at + CHUNK)));
        }
        var cuts = new TreeMap<String, Long>();
        for (String pair : progress.text(0, 3).split("\n", -1)) {
            int bar = pair.lastIndexOf('=');
            if (bar > 0) {
                cuts.put(pair.substring(0, bar), Long.parseUnsignedLong(pair.substring(bar + 1)));
            }
        }
        counted.at(Math.min(asOf, Math.max(from, countedFrom)), asOf, progress.number(0, 2), cuts);
        return counted;
    }

    private void minutes(Counted counted, Map<String, String> which, Span span)
            throws InterruptedException {
        var asked = new java.util.HashMap<>(which);
        asked.put("from", Long.toString(span.from() * 60));
        asked.put("to", Long.toString(span.to() * 60));
        Answer answer = ask("read_minutes", asked);
        var groups = new LinkedHashMap<String, Map<String, String>>();
        for (int row = 0; row < answer.size(); row++) {
            Map<String, String> group =
                    groups.computeIfAbsent(
                            answer.text(row, 0), text -> MAPPER.readValue(text, GROUP));
            counted.load(
                    group,
                    answer.number(row, 1) / 60,
                    new MinuteCounts(
                            answer.number(row, 2),
                            answer.number(row, 3),
                            answer.number(row, 4),
                            answer.real(row, 5),
                            answer.number(row, 6),
                            answer.number(row, 7),
                            answer.real(row, 8),
                            answer.real(row, 9)));
        }
    }

    /// Stores minutes.
    void add(Defined of, List<Counted.Changed> changed, long version) throws InterruptedException {
        var rows = new ArrayList<Row>();
        for (Counted.Changed one : changed) {
            MinuteCounts counts = one.counts();
            rows.add(
                    new Row()
                            .text(of.slo().name())
                            .raw(Long.toUnsignedString(of.digest()))
                            .text(json(one.group()))
                            .number(one.minute() * 60)
                            .number(counts.total())
                            .number(counts.goodLower())
                            .number(counts.goodUpper())
                            .real(counts.goodEstimate())
                            .number(counts.unknownBaseline())
                            .number(counts.measured())
                            .real(counts.below())
                            .real(counts.above())
                            .number(version));
        }
        tables.insert("slo_minutes", MINUTES, rows);
    }

    /// Stores how far objectives are counted.
    void progress(List<Counted> all, long version) throws InterruptedException {
        var rows = new ArrayList<Row>();
        for (Counted one : all) {
            rows.add(
                    new Row()
                            .text(one.defined().slo().name())
                            .raw(Long.toUnsignedString(one.defined().digest()))
                            .number(one.from() * 60)
                            .number(one.asOf() * 60)
                            .number(one.lookedAt())
                            .raw(ResultTables.map(one.cuts()))
                            .number(version));
        }
        tables.insert("slo_progress", PROGRESS, rows);
    }

    /// Values of a group, as they stand in tables.
    static String json(Map<String, String> group) {
        return MAPPER.writeValueAsString(group);
    }

    private Answer ask(String file, Map<String, String> parameters) throws InterruptedException {
        return queries.ask(
                new Queries.Question(
                        "slo/" + file, parameters, Queries.UserClass.SCHEDULED, false));
    }
}

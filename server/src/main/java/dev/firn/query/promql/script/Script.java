package dev.firn.query.promql.script;

import dev.firn.query.promql.eval.QueryEngine;
import dev.firn.query.promql.eval.QueryException;
import dev.firn.query.promql.eval.QueryOptions;
import dev.firn.query.promql.eval.QueryResult;
import dev.firn.query.promql.eval.QueryValue;
import dev.firn.query.promql.eval.SeriesSource;
import dev.firn.query.promql.lang.Features;
import dev.firn.query.promql.lang.ParseException;
import dev.firn.query.promql.script.Command.Eval;
import dev.firn.query.promql.script.Command.Expected;
import dev.firn.query.promql.script.Command.Load;
import dev.firn.query.promql.script.Command.Loaded;
import dev.firn.query.promql.script.Comparison.Difference;
import dev.firn.query.promql.value.NativeHistogram;
import dev.firn.query.promql.value.Samples;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Runs a script as Prometheus' own runner does: each instant query also with its selectors fixed
/// by `@` and evaluated at other times, and as part of a range query.
public final class Script {
    private static final Pattern OF_QUERY = Pattern.compile("(start|end|range|step)\\(\\)");
    private static final long MINUTE = 60_000;

    /// What Prometheus' runner switches on.
    public static final QueryOptions OPTIONS =
            new QueryOptions(
                    Features.ALL,
                    300_000,
                    MINUTE,
                    true,
                    false,
                    true,
                    1_000_000,
                    Duration.ofSeconds(100));

    private final ScriptStorage store;
    private final QueryEngine engine = new QueryEngine(OPTIONS, System::nanoTime);
    private final List<Case> cases = new ArrayList<>();
    private SeriesSource source;

    private Script(ScriptStorage store) {
        this.store = store;
        store.clear();
        this.source = store.source();
    }

    /// One query of a script; `failure` is empty where it came out as told.
    public record Case(int line, String query, String failure) {
        public boolean passed() {
            return failure.isEmpty();
        }
    }

    /// Runs all of a script. Throws [ScriptException] if it cannot be read.
    public static List<Case> run(String script) {
        return run(script, new ScriptStore());
    }

    /// The same with its series in another storage, which is cleared first.
    public static List<Case> run(String script, ScriptStorage storage) {
        List<Command> commands = ScriptParser.parse(script);
        var run = new Script(storage);
        commands.forEach(run::execute);
        return run.cases;
    }

    private void execute(Command command) {
        switch (command) {
            case Command.Clear _ -> {
                store.clear();
                source = store.source();
            }
            case Load load -> {
                load(load);
                source = store.source();
            }
            case Eval eval -> cases.add(new Case(eval.line(), eval.query(), failure(eval)));
        }
    }

    private void load(Load load) {
        var classic = new ClassicConversion();
        for (Loaded loaded : load.series()) {
            List<SequenceValue> values = loaded.line().values();
            for (int i = 0; i < values.size(); i++) {
                if (values.get(i).omitted()) {
                    continue;
                }
                long time = i * load.gapMillis();
                boolean started = !loaded.starts().isEmpty() && !loaded.starts().get(i).omitted();
                long start = started ? time + (long) loaded.starts().get(i).number() : 0;
                SequenceValue value = values.get(i);
                store.append(
                        loaded.line().labels(), time, value.number(), value.histogram(), start);
                classic.add(loaded.line().labels(), time, values.get(i));
            }
        }
        if (load.withCustomBuckets()) {
            classic.store(store);
        }
    }

    private String failure(Eval eval) {
        try {
            if (eval.range()) {
                range(eval);
            } else {
                instant(eval);
            }
            return "";
        } catch (Difference e) {
            return String.valueOf(e.getMessage());
        } catch (RuntimeException e) {
            StackTraceElement[] trace = e.getStackTrace();
            return "error: " + e + (trace.length == 0 ? "" : " at " + trace[0]);
        }
    }

    private void range(Eval eval) {
        QueryResult result;
        try {
            result =
                    engine.range(
                            eval.query(),
                            eval.startMillis(),
                            eval.endMillis(),
                            eval.stepMillis(),
                            source,
                            () -> false);
        } catch (QueryException | ParseException e) {
            failed(eval, eval.query(), e);
            return;
        }
        notFailed(eval, eval.query());
        annotations(eval.expected(), result, eval.query());
        new Comparison(eval).check(result.value());
    }

    private void instant(Eval eval) {
        long at = eval.expected().onlyInstant() ? eval.endMillis() : eval.startMillis();
        one(eval, eval.query(), at);
        var fixed = AtModifiers.fixed(eval.query(), at);
        if (fixed.isPresent()) {
            long[] times =
                    at == 0
                            ? new long[] {-1000, 0, 1000}
                            : new long[] {-10 * at, 0, at / 5, at, 10 * at};
            for (long time : times) {
                one(eval, fixed.get(), time);
            }
        }
    }

    private void one(Eval eval, String query, long at) {
        QueryResult result;
        try {
            result = engine.instant(query, at, source, () -> false);
        } catch (QueryException | ParseException e) {
            failed(eval, query, e);
            return;
        }
        notFailed(eval, query);
        try {
            annotations(eval.expected(), result, query);
            new Comparison(eval).check(result.value());
            if (!eval.expected().onlyInstant() && !OF_QUERY.matcher(query).find()) {
                withinRange(eval, query, at, result.value());
            }
        } catch (Difference e) {
            String where = query.equals(eval.query()) ? "" : " (as " + query + " at " + at + ")";
            throw new Difference(e.getMessage() + where);
        }
    }

    private void withinRange(Eval eval, String query, long at, QueryValue instant) {
        QueryResult range;
        try {
            range = engine.range(query, at - MINUTE, at + MINUTE, MINUTE, source, () -> false);
        } catch (QueryException e) {
            throw new Difference("in range mode: " + e.getMessage());
        }
        if (eval.expected().ordered() || !(range.value() instanceof QueryValue.Matrix matrix)) {
            return;
        }
        var samples = new ArrayList<QueryValue.Sample>();
        for (QueryValue.Series series : matrix.series()) {
            Samples all = series.samples();
            for (int i = 0; i < all.times().length; i++) {
                if (all.times()[i] == at) {
                    samples.add(new QueryValue.Sample(series.labels(), all.values()[i], null));
                }
            }
            for (int i = 0; i < all.histogramTimes().length; i++) {
                if (all.histogramTimes()[i] == at) {
                    NativeHistogram histogram = all.histograms()[i];
                    samples.add(new QueryValue.Sample(series.labels(), 0, histogram));
                }
            }
        }
        QueryValue value =
                instant instanceof QueryValue.Scalar
                        ? new QueryValue.Scalar(at, samples.getFirst().value())
                        : new QueryValue.Vector(at, samples);
        try {
            new Comparison(eval).check(value);
        } catch (Difference e) {
            throw new Difference("in range mode: " + e.getMessage());
        }
    }

    private static void failed(Eval eval, String query, RuntimeException e) {
        String message = String.valueOf(e.getMessage());
        if (!eval.expected().fails()) {
            throw new Difference("error evaluating " + query + ": " + message);
        }
        for (Command.Pattern pattern : eval.expected().failure()) {
            if (!pattern.matches(message)) {
                throw new Difference("expected error " + pattern + ", but got: " + message);
            }
        }
    }

    private static void notFailed(Eval eval, String query) {
        if (eval.expected().fails()) {
            throw new Difference("expected error evaluating " + query + " but got none");
        }
    }

    private static void annotations(Expected expected, QueryResult result, String query) {
        annotations("warn", expected.warnings(), result.warnings(), query);
        annotations("info", expected.infos(), result.infos(), query);
        boolean missing =
                (expected.anyWarning() && result.warnings().isEmpty())
                        || (expected.anyInfo() && result.infos().isEmpty());
        boolean unexpected =
                (expected.noWarning() && !result.warnings().isEmpty())
                        || (expected.noInfo() && !result.infos().isEmpty());
        if (missing || unexpected) {
            throw new Difference(
                    (missing ? "expected annotations but got " : "unexpected annotations ")
                            + result.warnings()
                            + result.infos());
        }
    }

    private static void annotations(
            String kind, List<Command.Pattern> wanted, List<String> got, String query) {
        if (wanted.isEmpty()) {
            return;
        }
        for (Command.Pattern pattern : wanted) {
            if (got.stream().noneMatch(pattern::matches)) {
                throw new Difference(
                        "expected "
                                + kind
                                + " "
                                + pattern
                                + ", but found "
                                + got
                                + " for "
                                + query);
            }
        }
        for (String text : got) {
            if (wanted.stream().noneMatch(pattern -> pattern.matches(text))) {
                throw new Difference("unexpected " + kind + " " + text);
            }
        }
    }
}

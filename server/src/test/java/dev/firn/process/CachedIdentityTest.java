package dev.firn.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Forall;
import dev.firn.base.OwnMetrics;
import dev.firn.config.AttributeAction;
import dev.firn.config.AttributesProcessorConfig;
import dev.firn.config.ErrorMode;
import dev.firn.config.FilterProcessorConfig;
import dev.firn.config.ProcessorConfig;
import dev.firn.config.ResourceProcessorConfig;
import dev.firn.config.Statement;
import dev.firn.config.StatementGroup;
import dev.firn.config.TransformProcessorConfig;
import dev.firn.model.Batch;
import dev.firn.model.Points;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.process.identity.Identity;
import dev.firn.process.identity.Interner;
import dev.firn.process.identity.Parts;
import dev.firn.process.ottl.Condition;
import dev.firn.process.ottl.Context;
import dev.firn.process.ottl.EvaluationException;
import dev.firn.process.ottl.Ottl;
import dev.firn.process.ottl.Subject;
import dev.firn.receive.BatchToOtlp;
import dev.firn.receive.OtlpProtobufDecoder;
import dev.firn.receive.RandomOtlp;
import dev.firn.receive.ReceiveLimits;
import dev.firn.receive.SeriesCache;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// A pipeline over cached identities gives what looking at each point by itself gives.
class CachedIdentityTest {
    private static final String[] KEYS = {"a", "service.name", "http.route", "GET", "new"};
    private static final String[] MAPS = {"attributes", "scope.attributes", "resource.attributes"};
    private static final String[] TEXT_PATHS = {
        "metric.name",
        "metric.unit",
        "metric.description",
        "scope.name",
        "scope.version",
        "resource.schema_url"
    };
    private static final String[] POINT_PATHS = {
        "time_unix_nano",
        "start_time_unix_nano",
        "flags",
        "value_int",
        "value_double",
        "count",
        "sum",
        "scale",
        "zero_count",
        "positive.offset"
    };

    private final TestPoints.HandClock clock = new TestPoints.HandClock();
    private final SeriesRegistry registry =
            new SeriesRegistry(SeriesIdentity.SHA_256, clock, 10_000_000);
    private final OtlpProtobufDecoder decoder =
            new OtlpProtobufDecoder(
                    new SeriesCache(new Random(1), 1 << 26),
                    registry,
                    ReceiveLimits.defaults(),
                    clock);
    private final Processors processors = new Processors(registry, clock, new OwnMetrics());
    private final Interner interner = new Interner(registry);

    @Test
    void cachedIdentitiesGiveWhatEachPointByItselfGives() {
        Forall.of(
                250,
                4,
                random -> {
                    var configs = new ArrayList<ProcessorConfig>();
                    for (int i = random.nextInt(4); i >= 0; i--) {
                        configs.add(config(random));
                    }
                    Chain chain = processors.chain("p", configs, null);
                    for (int round = 0; round < 3; round++) {
                        var batch = new Batch();
                        byte[] body = new RandomOtlp(random).request().toByteArray();
                        decoder.decode(body, body.length, "test", batch);
                        decoder.decode(body, body.length, "test", batch);
                        List<String> before = shown(batch);
                        try (Chain.Result result = chain.process(batch)) {
                            assertThat(shown(result.batch()))
                                    .as(configs::toString)
                                    .isEqualTo(shown(naive(batch, configs)));
                        }
                        assertThat(shown(batch)).isEqualTo(before);
                    }
                });
    }

    private static List<String> shown(Batch batch) {
        return BatchToOtlp.expand(batch).getResourceMetricsList().stream()
                .map(Object::toString)
                .sorted()
                .toList();
    }

    // ---- the naive evaluation

    private Batch naive(Batch batch, List<ProcessorConfig> configs) {
        var out = new Batch();
        for (Points.Kind kind : Points.Kind.values()) {
            for (int row = 0; row < batch.points(kind).size(); row++) {
                point(batch, kind, row, configs, out);
            }
        }
        return out;
    }

    private void point(
            Batch batch, Points.Kind kind, int row, List<ProcessorConfig> configs, Batch out) {
        var one = new Batch();
        one.append(
                batch,
                (points, at) -> points.kind() == kind && at == row ? points.series[at] : null);
        Points point = one.points(kind);
        for (ProcessorConfig config : configs) {
            var subject = new Subject(new Identity(Parts.of(point.series[0])));
            subject.point.look(point, 0);
            if (!goesOn(config, subject)) {
                return;
            }
            subject.point.store(one);
            point.series[0] = subject.identity.series(interner);
        }
        out.append(one, (points, at) -> points.series[at]);
    }

    private static boolean goesOn(ProcessorConfig config, Subject subject) {
        switch (config) {
            case ResourceProcessorConfig resource ->
                    new AttributeActions(resource.attributes(), new ArrayList<>())
                            .apply(subject.identity.resource);
            case AttributesProcessorConfig attributes ->
                    new AttributeActions(attributes.actions(), new ArrayList<>())
                            .apply(subject.identity.attributes);
            case FilterProcessorConfig filter -> {
                for (StatementGroup group : filter.conditions()) {
                    if (holds(checked(group).conditions(), subject)) {
                        return false;
                    }
                }
            }
            case TransformProcessorConfig transform ->
                    transform.metricStatements().forEach(group -> run(checked(group), subject));
            default -> throw new AssertionError("not drawn: " + config);
        }
        return true;
    }

    private static void run(Ottl.Group group, Subject subject) {
        subject.newCache();
        if (!group.conditions().isEmpty() && !holds(group.conditions(), subject)) {
            return;
        }
        for (var statement : group.statements()) {
            try {
                statement.run(subject);
            } catch (EvaluationException e) {
                assertThat(e).hasMessageNotContaining("Exception");
            }
        }
    }

    private static boolean holds(List<Condition> conditions, Subject subject) {
        for (Condition condition : conditions) {
            try {
                if (condition.holds(subject)) {
                    return true;
                }
            } catch (EvaluationException e) {
                assertThat(e).hasMessageNotContaining("Exception");
            }
        }
        return false;
    }

    private static Ottl.Group checked(StatementGroup group) {
        Ottl.Group checked =
                Ottl.check(
                        Context.named(group.context()),
                        group.conditions().stream().map(Statement::text).toList(),
                        group.statements().stream().map(Statement::text).toList());
        assertThat(checked.problems()).isEmpty();
        return checked;
    }

    // ---- random processors

    private static ProcessorConfig config(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> new ResourceProcessorConfig(actions(random));
            case 1 ->
                    new AttributesProcessorConfig(
                            actions(random), Optional.empty(), Optional.empty());
            case 2 -> filter(random);
            default -> transform(random);
        };
    }

    private static List<AttributeAction> actions(Random random) {
        var actions = new ArrayList<AttributeAction>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            AttributeAction.Kind[] kinds = AttributeAction.Kind.values();
            AttributeAction.Kind kind = kinds[random.nextInt(kinds.length)];
            boolean sets = kind.ordinal() <= AttributeAction.Kind.UPSERT.ordinal();
            boolean from = sets && random.nextBoolean();
            actions.add(
                    new AttributeAction(
                            kind,
                            key(random),
                            sets && !from ? "v" + random.nextInt(3) : null,
                            from ? key(random) : "",
                            kind == AttributeAction.Kind.EXTRACT ? "(?P<new>[a-z]+)" : "",
                            kind == AttributeAction.Kind.CONVERT ? "string" : "",
                            null,
                            "x:1",
                            "y"));
        }
        return actions;
    }

    private static ProcessorConfig filter(Random random) {
        var conditions = new ArrayList<Statement>();
        for (int i = random.nextInt(2); i >= 0; i--) {
            conditions.add(new Statement(condition(random) + " and " + condition(random), "", ""));
        }
        return new FilterProcessorConfig(
                ErrorMode.SILENT,
                Optional.empty(),
                Optional.empty(),
                List.of(new StatementGroup("datapoint", ErrorMode.SILENT, conditions, List.of())));
    }

    private static ProcessorConfig transform(Random random) {
        var groups = new ArrayList<StatementGroup>();
        for (int i = random.nextInt(2); i >= 0; i--) {
            var statements = new ArrayList<Statement>();
            for (int j = random.nextInt(5); j >= 0; j--) {
                statements.add(new Statement(statement(random), "", ""));
            }
            List<Statement> conditions =
                    random.nextInt(4) == 0
                            ? List.of(new Statement(condition(random), "", ""))
                            : List.of();
            groups.add(new StatementGroup("datapoint", ErrorMode.SILENT, conditions, statements));
        }
        return new TransformProcessorConfig(ErrorMode.SILENT, groups);
    }

    private static String statement(Random random) {
        String where = random.nextInt(3) == 0 ? " where " + condition(random) : "";
        return editor(random) + where;
    }

    private static String editor(Random random) {
        String map = one(random, MAPS);
        return switch (random.nextInt(13)) {
            case 0 -> "set(" + one(random, TEXT_PATHS) + ", " + text(random) + ")";
            case 1 -> "set(" + one(random, POINT_PATHS) + ", " + number(random) + ")";
            case 2 -> "set(cache[\"" + key(random) + "\"], " + value(random) + ")";
            case 3 -> "set(" + map + "[\"" + key(random) + "\"], cache[\"" + key(random) + "\"])";
            case 4 -> "delete_key(" + map + ", \"" + key(random) + "\")";
            case 5 -> "keep_keys(" + map + ", [\"" + key(random) + "\", \"" + key(random) + "\"])";
            case 6 -> "limit(" + map + ", " + random.nextInt(3) + ", [])";
            case 7 -> "truncate_all(" + map + ", " + random.nextInt(6) + ")";
            case 8 -> "replace_pattern(" + one(random, TEXT_PATHS) + ", \"[a-t]+\", \"<$0>\")";
            case 9 -> "replace_match(" + one(random, TEXT_PATHS) + ", \"t*\", \"T\")";
            case 10 -> "delete_matching_keys(" + map + ", \"e$\")";
            default -> "set(" + map + "[\"" + key(random) + "\"], " + value(random) + ")";
        };
    }

    private static String condition(Random random) {
        return switch (random.nextInt(7)) {
            case 0 -> "IsMatch(" + one(random, TEXT_PATHS) + ", \"[3-6]\")";
            case 1 -> value(random) + " != nil";
            case 2 -> number(random) + " < " + number(random);
            case 3 -> "metric.type == METRIC_DATA_TYPE_SUM";
            case 4 -> "(" + condition(random) + " or " + condition(random) + ")";
            case 5 -> "not " + value(random) + " == " + value(random);
            default -> "metric.aggregation_temporality > 1";
        };
    }

    private static String value(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> number(random);
            case 1 -> one(random, MAPS) + "[\"" + key(random) + "\"]";
            case 2 -> "[1, " + text(random) + "]";
            case 3 -> "Year(time)";
            default -> text(random);
        };
    }

    private static String text(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> "\"t" + random.nextInt(3) + "\"";
            case 1 -> one(random, TEXT_PATHS);
            case 2 -> "String(" + one(random, MAPS) + "[\"" + key(random) + "\"])";
            default ->
                    "Concat([" + one(random, TEXT_PATHS) + ", " + random.nextInt(9) + "], \"/\")";
        };
    }

    private static String number(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> "" + random.nextInt(5);
            case 1 -> random.nextInt(5) + ".5";
            case 2 -> one(random, POINT_PATHS);
            default -> "(" + one(random, POINT_PATHS) + " + " + random.nextInt(3) + ") * 2";
        };
    }

    private static String key(Random random) {
        return one(random, KEYS);
    }

    private static String one(Random random, String[] of) {
        return of[random.nextInt(of.length)];
    }
}

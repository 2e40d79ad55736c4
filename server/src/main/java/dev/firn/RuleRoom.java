package dev.firn;

import dev.firn.alert.rules.JoinedSource;
import dev.firn.alert.rules.Outcome;
import dev.firn.alert.rules.RuleService;
import dev.firn.alert.rules.RuleStore;
import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.base.OwnMetrics;
import dev.firn.base.WorldException;
import dev.firn.config.Config;
import dev.firn.engine.EngineException;
import dev.firn.model.Intake;
import dev.firn.query.AlertBook;
import dev.firn.query.AlertBook.Decision;
import dev.firn.query.promql.eval.QueryException;
import dev.firn.query.promql.eval.QueryResult;
import dev.firn.query.promql.eval.SeriesSource;
import dev.firn.query.promql.lang.Features;
import dev.firn.query.promql.store.PromqlService;
import dev.firn.query.promql.store.PromqlService.Ask;
import dev.firn.query.promql.value.Buckets;
import dev.firn.query.promql.value.Labels;
import dev.firn.query.promql.value.NativeHistogram;
import dev.firn.query.promql.value.ResetHint;
import dev.firn.receive.PrometheusSeries;
import dev.firn.receive.PrometheusToOtlp;
import dev.firn.receive.Receiver;
import dev.firn.web.Task;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Prometheus' rules: what they ask goes to the engine, what they record through the log.
final class RuleRoom implements AutoCloseable {
    private static final String SOURCE = "rules";
    private static final double COUNT_MAX = 1L << 53;

    private final @Nullable EngineRoom engine;
    private final AlertBook book;
    private final @Nullable RuleService service;
    private volatile @Nullable Receiver receiver;

    private RuleRoom(
            Config config,
            @Nullable EngineRoom engine,
            AlertBook book,
            String writer,
            Clock clock,
            OwnMetrics metrics) {
        this.engine = engine;
        this.book = book;
        service =
                config.rules().enabled()
                        ? RuleService.open(
                                config.rules(),
                                config.alerting().labels(),
                                config.alerting().externalUrl(),
                                config.promql().experimental() ? Features.ALL : Features.STABLE,
                                book,
                                new Store(),
                                new RuleService.Own(metrics::page, this::up, writer),
                                clock,
                                metrics)
                        : null;
    }

    /// @throws dev.firn.base.InputException with all mistakes of the files
    static RuleRoom open(
            Config config,
            @Nullable EngineRoom engine,
            AlertBook book,
            String writer,
            Clock clock,
            OwnMetrics metrics) {
        return new RuleRoom(config, engine, book, writer, clock, metrics);
    }

    /// Those that are evaluated.
    Optional<RuleService> service() {
        return Optional.ofNullable(service);
    }

    /// Starts to evaluate.
    ///
    /// @param into takes what is recorded; null where no pipeline keeps points
    void start(@Nullable Receiver into) {
        receiver = into;
        if (service != null) {
            service.start();
        }
    }

    /// Whoever asks is there itself, so that only the engine may be away.
    private Map<String, Boolean> up() {
        var up = new LinkedHashMap<String, Boolean>();
        up.put("otel-collector", true);
        up.put("s3-uploader", true);
        if (engine != null) {
            up.put("clickhouse", engine.alive());
        }
        return up;
    }

    /// What it does when asked, by path below `/api/firn/v1/`.
    Map<String, Task> tasks() {
        return Map.of("rules/replay", this::replay);
    }

    private Object replay(Map<String, String> parameters, Consumer<String> progress) {
        if (service == null) {
            throw new InputException("this Firn evaluates no rules (rules.enabled is false)");
        }
        try {
            return service.replay(
                    Parameters.millis(parameters, "from"),
                    Parameters.millis(parameters, "to"),
                    Parameters.optional(parameters, "group"),
                    progress);
        } catch (QueryException e) {
            throw new WorldException(String.valueOf(e.getMessage()), e);
        }
    }

    private interface Question {
        PromqlService.Answer ask(PromqlService promql, Ask ask) throws InterruptedException;
    }

    private final class Store implements RuleStore {
        @Override
        public QueryResult instant(String expr, long timeMillis, SeriesSource beside) {
            return asked(
                    expr,
                    (promql, ask) ->
                            promql.instant(
                                    ask, timeMillis, stored -> new JoinedSource(beside, stored)));
        }

        @Override
        public QueryResult range(String expr, long startMillis, long endMillis, long stepMillis) {
            return asked(
                    expr, (promql, ask) -> promql.range(ask, startMillis, endMillis, stepMillis));
        }

        private QueryResult asked(String expr, Question question) {
            if (engine == null) {
                throw new WorldException(
                        "cannot evaluate rules over stored points: this Firn has no engine"
                                + " (engine.enabled is false)");
            }
            try {
                return question.ask(
                                engine.promql(),
                                new Ask(expr, Duration.ZERO, 0, SOURCE, () -> false))
                        .result();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new QueryException(QueryException.Kind.CANCELED, "interrupted");
            } catch (EngineException e) {
                throw new WorldException(String.valueOf(e.getMessage()), e);
            }
        }

        @Override
        public void record(List<Outcome> samples) {
            Receiver into = receiver;
            if (into == null) {
                throw new WorldException(
                        "cannot store what is recorded: no pipeline has the exporter firn");
            }
            byte[] body = new PrometheusToOtlp(false).request(series(samples));
            try {
                Intake.Answer answer =
                        into.receive(Receiver.Format.PROTOBUF, body, body.length, SOURCE);
                if (answer.rejectedPoints() > 0) {
                    throw new WorldException(answer.message());
                }
            } catch (Intake.Overloaded e) {
                throw new WorldException("cannot store what is recorded: " + e.getMessage(), e);
            }
        }

        @Override
        public void decide(List<Decision> holding, long nowMillis) throws InterruptedException {
            try {
                book.decide(AlertBook.Source.RULE, holding, nowMillis);
            } catch (EngineException e) {
                // it is decided; the engine's copy is made when the engine answers again
            }
        }
    }

    private static List<PrometheusSeries> series(List<Outcome> outcomes) {
        var all = new LinkedHashMap<Labels, PrometheusSeries>();
        for (Outcome one : outcomes) {
            NativeHistogram histogram = one.histogram();
            all.computeIfAbsent(one.labels(), labels -> new PrometheusSeries(labels.map()))
                    .add(
                            one.timeMillis(),
                            one.value(),
                            histogram == null ? null : whole(one.labels(), histogram));
        }
        return List.copyOf(all.values());
    }

    private static PrometheusSeries.Histogram whole(Labels labels, NativeHistogram histogram) {
        double[] zero = {histogram.zeroCount(), histogram.count()};
        if (!isWhole(zero)
                || !isWhole(histogram.positive().count())
                || !isWhole(histogram.negative().count())) {
            throw new WorldException(
                    "cannot store a histogram of "
                            + labels
                            + ": its counts are no whole numbers, as those of OTLP are; record its"
                            + " quantiles, count or sum instead");
        }
        Buckets positive = histogram.positive();
        Buckets negative = histogram.negative();
        return new PrometheusSeries.Histogram(
                histogram.hint() == ResetHint.GAUGE,
                histogram.schema(),
                histogram.zeroThreshold(),
                (long) histogram.zeroCount(),
                (long) histogram.count(),
                histogram.sum(),
                first(positive),
                counts(positive),
                first(negative),
                counts(negative),
                histogram.isCustom() ? histogram.bounds() : null);
    }

    private static boolean isWhole(double[] counts) {
        return Arrays.stream(counts)
                .allMatch(one -> one >= 0 && one < COUNT_MAX && one == Math.rint(one));
    }

    private static int first(Buckets buckets) {
        return buckets.index().length == 0 ? 0 : buckets.index()[0];
    }

    private static long[] counts(Buckets buckets) {
        int[] index = buckets.index();
        if (index.length == 0) {
            return new long[0];
        }
        long[] counts = new long[index[index.length - 1] - index[0] + 1];
        for (int i = 0; i < index.length; i++) {
            counts[index[i] - index[0]] = (long) buckets.count()[i];
        }
        return counts;
    }

    @Override
    public void close() {
        if (service != null) {
            service.close();
        }
    }
}

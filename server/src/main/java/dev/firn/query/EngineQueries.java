package dev.firn.query;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Throttle;
import dev.firn.base.WorldException;
import dev.firn.config.QueryClassesConfig;
import dev.firn.engine.EngineClient;
import dev.firn.engine.EngineSql;
import dev.firn.engine.TabSeparated;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// [Queries] over ClickHouse's HTTP interface, as the internal user who may not write: outside
/// users have places of their own and cannot keep an alert from being evaluated.
public final class EngineQueries implements Queries {
    private static final Logger LOG = LoggerFactory.getLogger(EngineQueries.class);

    /// How long a question that someone waits for waits for its place. Scheduled ones, of which
    /// there are as many at once as workers, wait as long as the one before them may take.
    private static final long WAIT_MILLIS = 2_000;

    /// Beyond a query's own time, for its way and its answer.
    private static final Duration MARGIN = Duration.ofSeconds(5);

    private static final String FORMAT = "\nFORMAT TabSeparatedWithNamesAndTypes";
    private static final int PARAMETERS_CHARS_MAX = 300;

    /// Of one answer.
    private static final long ANSWER_BYTES_MAX = 64L << 20;

    private final EngineClient client;
    private final String database;
    private final long slowNanos;
    private final Clock clock;
    private final Map<UserClass, Places> places = new EnumMap<>(UserClass.class);
    private final Counter slow;
    private final Counter refused;
    private final Gauge running;
    private final Throttle complaints;

    private record Places(QueryClassesConfig.Limits limits, Semaphore free, long waitMillis) {
        Places(QueryClassesConfig.Limits limits, long waitMillis) {
            this(limits, new Semaphore(limits.queriesMax(), true), waitMillis);
        }
    }

    /// @param client as the internal user
    public EngineQueries(
            EngineClient client,
            String database,
            QueryClassesConfig config,
            Clock clock,
            OwnMetrics metrics) {
        this(client, database, config, clock, metrics, WAIT_MILLIS);
    }

    EngineQueries(
            EngineClient client,
            String database,
            QueryClassesConfig config,
            Clock clock,
            OwnMetrics metrics,
            long waitMillis) {
        this.client = client;
        this.database = database;
        this.slowNanos = config.slowNanos();
        this.clock = clock;
        this.complaints = new Throttle(clock, 1);
        places.put(UserClass.INTERACTIVE, new Places(config.interactive(), waitMillis));
        places.put(
                UserClass.SCHEDULED,
                new Places(
                        config.scheduled(),
                        TimeUnit.NANOSECONDS.toMillis(config.scheduled().timeMaxNanos())));
        this.slow =
                metrics.counter(
                        "firn_query_slow",
                        "Queries of Firn's own that took longer than engine.query_slow.",
                        "class");
        this.refused =
                metrics.counter(
                        "firn_query_refused",
                        "Queries of Firn's own that found no place among engine.classes.*.queries_max.",
                        "class");
        running = metrics.gauge("firn_query_running", "Firn's own queries in progress.", "class");
        for (UserClass one : UserClass.values()) {
            running.labelValues(label(one)).set(0);
            slow.labelValues(label(one)).inc(0);
            refused.labelValues(label(one)).inc(0);
        }
    }

    private static String label(UserClass userClass) {
        return userClass.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public Answer ask(Question question) throws InterruptedException {
        return ask(question, EngineSql.read(question.file(), Map.of("database", database)));
    }

    @Override
    public Answer askText(String name, String sql, Map<String, String> parameters)
            throws InterruptedException {
        return ask(new Question(name, parameters, UserClass.SCHEDULED, false), sql);
    }

    private Answer ask(Question question, String sql) throws InterruptedException {
        Places place = places.get(question.userClass());
        if (place == null || !place.free.tryAcquire(place.waitMillis, TimeUnit.MILLISECONDS)) {
            refused.labelValues(label(question.userClass())).inc();
            throw new WorldException(
                    "cannot ask \"%s\": %s queries of class %s run already; try again, or raise engine.classes.%s.queries_max"
                            .formatted(
                                    question.file(),
                                    place == null ? "no" : place.limits.queriesMax(),
                                    label(question.userClass()),
                                    label(question.userClass())));
        }
        long from = clock.ticks();
        running.labelValues(label(question.userClass())).inc();
        try {
            return ask(question, sql, place.limits);
        } finally {
            running.labelValues(label(question.userClass())).dec();
            place.free.release();
            note(question, clock.ticks() - from);
        }
    }

    private Answer ask(Question question, String sql, QueryClassesConfig.Limits limits)
            throws InterruptedException {
        Duration time = Duration.ofNanos(limits.timeMaxNanos());
        EngineClient.Reading reading =
                client.read(sql + FORMAT, url(question, limits), time.plus(MARGIN));
        List<EngineClient.Row> rows =
                TabSeparated.read(new String(reading.body(), StandardCharsets.UTF_8));
        return new Answer(
                rows.get(0).values(),
                rows.get(1).values(),
                rows.subList(2, rows.size()),
                reading.age(),
                reading.cached());
    }

    private Map<String, String> url(Question question, QueryClassesConfig.Limits limits) {
        var url = new LinkedHashMap<String, String>();
        url.put("database", database);
        url.put("query_id", question.file().replace('/', '.') + "." + UUID.randomUUID());
        url.put("readonly", "1");
        url.put("final", "1");
        url.put("max_execution_time", Double.toString(limits.timeMaxNanos() / 1e9));
        url.put("max_memory_usage", Long.toString(limits.memoryMax()));
        url.put("max_rows_to_read", Long.toString(limits.rowsReadMax()));
        url.put("max_result_rows", Long.toString(limits.rowsMax()));
        url.put("max_result_bytes", Long.toString(ANSWER_BYTES_MAX));
        url.put("result_overflow_mode", "throw");
        if (question.cached()) {
            url.put("use_query_cache", "1");
        }
        question.parameters()
                .forEach((name, value) -> url.put("param_" + name, TabSeparated.escape(value)));
        return url;
    }

    private void note(Question question, long nanos) {
        if (nanos < slowNanos) {
            return;
        }
        slow.labelValues(label(question.userClass())).inc();
        long dropped = complaints.permit();
        if (dropped >= 0) {
            String parameters = question.parameters().toString();
            LOG.warn(
                    "slow query \"{}\" of class {} took {} ms with {} ({} more not shown)",
                    question.file(),
                    label(question.userClass()),
                    nanos / 1_000_000,
                    parameters.substring(0, Math.min(parameters.length(), PARAMETERS_CHARS_MAX)),
                    dropped);
        }
    }
}

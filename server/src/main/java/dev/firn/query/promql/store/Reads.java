package dev.firn.query.promql.store;

import dev.firn.config.QueryClassesConfig;
import dev.firn.engine.EngineClient;
import dev.firn.engine.EngineSql;
import dev.firn.engine.NativeReader;
import dev.firn.engine.TabSeparated;
import dev.firn.query.promql.eval.QueryException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.stream.Collector;
import java.util.stream.Collectors;

/// What one query reads from the engine, within its time and the limits of its class.
final class Reads {
    /// Lists of series are long.
    private static final String STATEMENT_BYTES_MAX = Integer.toString(16 << 20);

    private static final Duration MARGIN = Duration.ofSeconds(5);

    /// Names told with a statement; more are left out.
    private static final int METRICS_MAX = 100;

    private final EngineClient client;
    private final String database;
    private final QueryClassesConfig.Limits limits;
    private final LongSupplier nanos;
    private final long deadlineNanos;
    private final BooleanSupplier canceled;
    private final AtomicLong samples = new AtomicLong();
    private final String source;
    private volatile String metrics = "";
    private volatile String labels = "";

    Reads(
            EngineClient client,
            String source,
            String database,
            QueryClassesConfig.Limits limits,
            Duration timeout,
            LongSupplier nanos,
            BooleanSupplier canceled) {
        this.client = client;
        this.source = source;
        this.database = database;
        this.limits = limits;
        this.nanos = nanos;
        this.deadlineNanos = nanos.getAsLong() + timeout.toNanos();
        this.canceled = canceled;
    }

    void check() {
        if (canceled.getAsBoolean()) {
            throw new QueryException(
                    QueryException.Kind.CANCELED, "query was canceled while reading samples");
        }
        if (nanos.getAsLong() - deadlineNanos > 0) {
            throw new QueryException(
                    QueryException.Kind.TIMEOUT, "query timed out while reading samples");
        }
    }

    /// What is read from here on is of these.
    void of(List<Group> groups) {
        metrics =
                groups.stream()
                        .flatMap(group -> group.members().stream())
                        .map(member -> member.family().metric())
                        .distinct()
                        .sorted()
                        .limit(METRICS_MAX)
                        .collect(listed());
    }

    /// What is read from here on is asked for because of these labels.
    void uses(Set<String> names) {
        labels = names.stream().limit(METRICS_MAX).collect(listed());
    }

    private static Collector<String, ?, String> listed() {
        return Collectors.mapping(
                name -> URLEncoder.encode(name, StandardCharsets.UTF_8), Collectors.joining(","));
    }

    /// Rows of points read so far.
    long samples() {
        return samples.get();
    }

    void count(long rows) {
        samples.addAndGet(rows);
    }

    /// Rows of a statement in Native; the caller closes.
    NativeReader open(String file, Map<String, String> parameters) {
        return new NativeReader(stream(file, parameters));
    }

    /// All rows of a statement in TabSeparated.
    List<EngineClient.Row> rows(String file, Map<String, String> parameters) {
        try (InputStream in = stream(file, parameters)) {
            return TabSeparated.read(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw brokenOff(file, e);
        }
    }

    QueryException brokenOff(String file, IOException e) {
        check();
        return new QueryException(
                QueryException.Kind.STORAGE,
                "the engine's answer to \"" + file + "\" broke off: " + e.getMessage());
    }

    private InputStream stream(String file, Map<String, String> parameters) {
        check();
        String sql = EngineSql.read("promql/" + file, database, parameters);
        Duration left = Duration.ofNanos(Math.max(1, deadlineNanos - nanos.getAsLong()));
        try {
            return client.stream(
                    sql,
                    url(file, left),
                    Map.of(
                            "X-Firn-Source",
                            "promql/" + source,
                            "X-Firn-Metrics",
                            metrics,
                            "X-Firn-Labels",
                            labels),
                    left.plus(MARGIN));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new QueryException(QueryException.Kind.CANCELED, "query was interrupted");
        }
    }

    private Map<String, String> url(String file, Duration left) {
        var url = new LinkedHashMap<String, String>();
        url.put("database", database);
        url.put("query_id", "promql." + file + "." + UUID.randomUUID());
        url.put("readonly", "1");
        url.put("max_execution_time", Double.toString(Math.max(0.1, left.toMillis() / 1e3)));
        url.put("max_memory_usage", Long.toString(limits.memoryMax()));
        url.put("max_rows_to_read", Long.toString(limits.rowsReadMax()));
        url.put("max_query_size", STATEMENT_BYTES_MAX);
        return url;
    }
}

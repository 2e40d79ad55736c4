package dev.firn.query;

import dev.firn.base.InputException;
import dev.firn.config.RollupConfig;
import dev.firn.engine.EngineClient;
import dev.firn.engine.EngineSql;
import dev.firn.engine.Schema;
import dev.firn.lake.scan.AsOf;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Requests to HTTP servers as they were known at some moment: the lake's points of then, under the
/// names and with the views that the engine has of its own, so that the same statements give what
/// they would have given. What came later is in none of them, and nothing is read from rollups,
/// which know it.
public final class PastRequests {
    private static final long ROWS_MAX = 50_000_000;

    /// Increases are told from a point before: see `rollup_fine_requests`.
    private static final long BEFORE_SECONDS = 3_600;

    private static final String SUFFIX = "_requests";

    /// Columns of each kind's table that the others do not have.
    private static final Map<String, String> COLUMNS =
            Map.of(
                    "histogram",
                    "p.explicit_bounds AS bounds, arrayMap(x -> reinterpretAsUInt64(x),"
                            + " p.bucket_counts) AS bucket_counts",
                    "exponential_histogram",
                    "ifNull(p.scale, 0) AS scale, reinterpretAsUInt64(ifNull(p.zero_count, 0)) AS"
                            + " zero_count, ifNull(p.zero_threshold, 0.) AS zero_threshold,"
                            + " ifNull(p.positive_offset, 0) AS positive_offset, arrayMap(x ->"
                            + " reinterpretAsUInt64(x), p.positive_bucket_counts) AS"
                            + " positive_counts, ifNull(p.negative_offset, 0) AS negative_offset,"
                            + " arrayMap(x -> reinterpretAsUInt64(x), p.negative_bucket_counts) AS"
                            + " negative_counts",
                    "summary",
                    "p.quantiles AS quantiles, p.quantile_values AS quantile_values");

    private static final Map<String, String> TABLES =
            Map.of(
                    "histogram", "histograms",
                    "exponential_histogram", "exponential_histograms",
                    "summary", "summaries");

    private final LakeQuestions lake;
    private final EngineClient client;
    private final Schema schema;
    private final RollupConfig rollup;

    /// @param client the engine's internal user
    public PastRequests(
            LakeQuestions lake, EngineClient client, Schema schema, RollupConfig rollup) {
        this.lake = lake;
        this.client = client;
        this.schema = schema;
        this.rollup = rollup;
    }

    /// Views for one question, gone when closed.
    public final class Opened implements AutoCloseable {
        private final LakeQuestions.Opened points;
        private final String name;

        private Opened(LakeQuestions.Opened points) {
            this.points = points;
            this.name = points.database() + SUFFIX;
        }

        /// The database with `series`, `series_labels`, `histograms` (and of the other kinds) and
        /// `distributions_fine`.
        public String database() {
            return name;
        }

        /// The database with the lake's own names.
        public String lakeDatabase() {
            return points.database();
        }

        /// The snapshot that answers; null when there was none yet.
        public @Nullable Long snapshot() {
            return points.planned().snapshot();
        }

        /// When it was committed; null when there was none yet.
        public @Nullable Instant committed() {
            return points.committed();
        }

        @Override
        public void close() {
            try {
                lake.drop(name);
            } finally {
                points.close();
            }
        }
    }

    /// Opens what was known at a moment of points from some time to another.
    ///
    /// @param from seconds since 1970; some time before it is read, too
    /// @param requests whether only points of requests are wanted
    /// @throws InputException when nothing of then is left, or there is too much to read
    public Opened open(Instant moment, long from, long to, boolean requests)
            throws InterruptedException {
        String statement =
                "SELECT count() FROM points WHERE time >= toDateTime(%d, 'UTC') AND time <= toDateTime(%d, 'UTC')"
                                .formatted(requests ? from - BEFORE_SECONDS : from, to)
                        + (requests ? " AND metric_name IN " + EngineSql.REQUESTS : "");
        var then = new AsOf.Time(moment);
        var opened = new Opened(lake.open(statement, then, ROWS_MAX));
        try {
            for (String one : statements(opened)) {
                client.execute(one);
            }
            return opened;
        } catch (RuntimeException | InterruptedException e) {
            opened.close();
            throw e;
        }
    }

    private List<String> statements(Opened opened) {
        var parameters = new HashMap<String, String>();
        parameters.put("database", opened.database());
        parameters.put("lake", opened.lakeDatabase());
        parameters.put("engine", schema.database());
        parameters.put("names", EngineSql.REQUESTS);
        parameters.put("list", EngineSql.REQUESTS.replaceAll("[()]", ""));
        var all = new ArrayList<String>();
        all.add(EngineSql.read("query/create_lake_database", Map.of("lake", opened.database())));
        all.add(EngineSql.read("query/replace_past_series", parameters));
        TABLES.forEach((type, table) -> {
            parameters.put("type", type);
            parameters.put("table", table);
            parameters.put("columns", COLUMNS.getOrDefault(type, ""));
            all.add(EngineSql.read("query/replace_past_distributions", parameters));
        });
        for (String table : List.of("rollup_5m", "firn_rollup_firsts")) {
            parameters.put("table", table);
            all.add(EngineSql.read("query/replace_past_nothing", parameters));
        }
        // Views have no parts to be merged, and take no FINAL.
        all.add(Schema.requestsView(opened.database(), rollup).replace(" FINAL", ""));
        StoreViews.requests(opened.database()).stream()
                .map(one -> one.replace(" FINAL", ""))
                .forEach(all::add);
        return all;
    }
}

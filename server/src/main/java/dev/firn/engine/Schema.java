package dev.firn.engine;

import dev.firn.base.InputException;
import dev.firn.config.RollupConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The engine's tables, made by numbered migrations that `firn_migrations` records. A migration is
/// idempotent, because a crash may fall between it and its record.
public final class Schema {
    /// In order; the number in the name is the version. Only ever append.
    static final List<String> MIGRATIONS =
            List.of(
                    "001_create_series",
                    "002_create_samples",
                    "003_create_histograms",
                    "004_create_exponential_histograms",
                    "005_create_summaries",
                    "006_create_exemplars",
                    "007_create_starts",
                    "008_create_rollup_5m",
                    "009_create_rollup_1h",
                    "010_create_rollup_1d",
                    "011_create_rollup_marks",
                    "012_create_rollup_state",
                    "013_create_rollup_firsts");

    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,62}");

    private final RollupGate rollups = new RollupGate();
    private final String database;
    private final TimePrecision precision;
    private final Map<String, String> parameters;
    private final @Nullable EngineCluster cluster;

    /// On one server.
    ///
    /// @param database `engine.database`
    public Schema(String database, TimePrecision precision) {
        this(database, precision, null);
    }

    /// @param database `engine.database`
    /// @param cluster that holds it; null: one server does
    public Schema(String database, TimePrecision precision, @Nullable EngineCluster cluster) {
        if (!NAME.matcher(database).matches()) {
            throw new InputException(
                    "engine.database is \"%s\"; use letters, digits and underscores"
                            .formatted(database));
        }
        this.cluster = cluster;
        this.database = database;
        this.precision = precision;
        this.parameters = Map.of("database", database, "time_precision", "" + precision.digits());
    }

    /// The database's name.
    public String database() {
        return database;
    }

    /// Between those who store points in this database and the worker that rolls them up.
    RollupGate rollups() {
        return rollups;
    }

    /// Over how many shards rows are spread by series; known once [#migrate] is done.
    int shards() {
        return cluster == null ? 1 : cluster.shards();
    }

    /// Settings of an INSERT of a block of points, as after SETTINGS.
    ///
    /// @param block names it among all blocks; empty for one that is not repeated blindly
    String insertSettings(int shard, String block) {
        return cluster == null ? "insert_deduplicate=0" : cluster.insertSettings(shard, block);
    }

    /// Rows are about to be taken out of the tables of points.
    void removing(EngineClient client) throws InterruptedException {
        if (cluster != null) {
            cluster.newTokens(client, database);
        }
    }

    /// How time is kept.
    public TimePrecision precision() {
        return precision;
    }

    /// Brings the engine's schema to this version.
    ///
    /// @throws InputException if the engine is newer, or was made with another time precision
    public void migrate(EngineClient client) throws InterruptedException {
        createFirst(client);
        Map<Integer, String> applied = applied(client);
        refuseNewer(applied);
        for (String migration : MIGRATIONS) {
            int version = version(migration);
            if (!applied.containsKey(version)) {
                client.execute(EngineSql.read("engine/" + migration, parameters));
                client.execute(record(version, migration));
            }
        }
        checkPrecision(client);
    }

    private void createFirst(EngineClient client) throws InterruptedException {
        if (cluster == null) {
            client.execute(EngineSql.read("engine/create_database", parameters));
            client.execute(EngineSql.read("engine/create_migrations", parameters));
            return;
        }
        cluster.look(client);
        if (!cluster.isThere(client, database)) {
            client.execute(EngineSql.read("engine/create_database", parameters));
            client.execute(EngineCluster.placement(database));
            client.execute(EngineSql.read("engine/create_migrations", parameters));
        }
        cluster.open(client, database);
    }

    /// The statements that make all tables, as for one server: what [#migrate] runs on an empty
    /// one.
    public List<String> tables() {
        var all = new ArrayList<String>();
        all.add(EngineSql.read("engine/create_database", parameters));
        all.add(EngineSql.read("engine/create_migrations", parameters));
        MIGRATIONS.forEach(one -> all.add(EngineSql.read("engine/" + one, parameters)));
        return List.copyOf(all);
    }

    /// The statements that make the rollups' views, which need the tables.
    public List<String> rollupViews(RollupConfig options) {
        return RollupSql.of(database, options).views();
    }

    /// The statement that makes `rollup_fine_requests` in some database with the tables it reads.
    public static String requestsView(String database, RollupConfig options) {
        return RollupSql.of(database, options).fine();
    }

    /// Leaves a mark in the database that a checkpoint can name.
    void recordStart(EngineClient client, String id) throws InterruptedException {
        var parameters = Map.of("database", database, "id", EngineSql.quoted(id));
        client.execute(EngineSql.read("engine/record_start", parameters));
    }

    /// Whether this database, or what it was restored from, has that mark.
    boolean hasStart(EngineClient client, String id) throws InterruptedException {
        var parameters = Map.of("database", database, "id", EngineSql.quoted(id));
        return client.query(EngineSql.read("engine/count_starts", parameters)).getFirst().number(0)
                > 0;
    }

    private Map<Integer, String> applied(EngineClient client) throws InterruptedException {
        return client.query(EngineSql.read("engine/read_migrations", parameters)).stream()
                .collect(
                        Collectors.toMap(
                                row -> (int) row.number(0), row -> row.text(1), (a, b) -> b));
    }

    private void refuseNewer(Map<Integer, String> applied) {
        int known = version(MIGRATIONS.getLast());
        applied.forEach((version, name) -> {
            if (version > known) {
                throw new InputException(
                        ("cannot use database \"%s\": its schema has migration %d (\"%s\"),"
                                        + " this Firn knows up to %d; start a newer Firn, or set"
                                        + " engine.database to another name")
                                .formatted(database, version, name, known));
            }
        });
    }

    private String record(int version, String migration) {
        return EngineSql.read(
                "engine/record_migration",
                Map.of("database", database, "version", "" + version, "name", migration));
    }

    private void checkPrecision(EngineClient client) throws InterruptedException {
        String type =
                client.query(EngineSql.read("engine/read_time_type", parameters))
                        .getFirst()
                        .text(0);
        if (!type.equals(precision.type())) {
            throw new InputException(
                    ("cannot use database \"%s\": its times are %s, engine.time_precision: %d asks"
                                    + " for %s; set it back, or name a new engine.database")
                            .formatted(database, type, precision.digits(), precision.type()));
        }
    }

    private static int version(String migration) {
        return Integer.parseInt(migration.substring(0, 3));
    }
}

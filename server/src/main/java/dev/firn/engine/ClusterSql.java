package dev.firn.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The statements of one server, as a cluster needs them: `ON CLUSTER`, replicated engines, and for
/// each table with a `series_id` one table of that name that spreads rows over the shards by series
/// (`Distributed`), over one of the same name in database `<database>_shard` on each shard.
///
/// Readers and INSERT … SELECT name the former, so that they are the same statements everywhere;
/// what changes rows in place (ALTER, DELETE, TRUNCATE, SYSTEM) must name the latter, and is
/// changed here. Tables without series (migrations, starts) are whole on every server.
public final class ClusterSql {
    /// Chooses a row's shard; [RowOrder] computes the same.
    static final String SHARDING_KEY = "reinterpretAsUInt64(series_id)";

    private static final Pattern CREATE_TABLE =
            Pattern.compile(
                    "CREATE (OR REPLACE )?TABLE (IF NOT EXISTS )?(\\w+)\\.(\\w+)(.*)",
                    Pattern.DOTALL);

    private static final Pattern ENGINE =
            Pattern.compile("\\bENGINE = (\\w*MergeTree)(?:\\(([^()]*)\\))?");

    private static final Pattern NAMED =
            Pattern.compile(
                    "(CREATE OR REPLACE VIEW|CREATE VIEW IF NOT EXISTS|CREATE DATABASE IF NOT"
                            + " EXISTS|DROP TABLE IF EXISTS|DROP VIEW IF EXISTS|DROP DATABASE IF"
                            + " EXISTS) ([\\w.]+)(.*)",
                    Pattern.DOTALL);

    private static final Pattern IN_PLACE =
            Pattern.compile(
                    "(ALTER TABLE|DELETE FROM|TRUNCATE TABLE|OPTIMIZE TABLE) (\\w+\\.\\w+)(.*)",
                    Pattern.DOTALL);

    /// What a table that spreads must be told, too.
    private static final Pattern COLUMNS =
            Pattern.compile("\\s+(ADD|DROP|MODIFY|RENAME) COLUMN\\b");

    private static final Pattern SYSTEM_OF_TABLE =
            Pattern.compile("(SYSTEM (?:STOP|START) \\w+ MERGES) (\\w+\\.\\w+)");

    private static final Pattern SYSTEM = Pattern.compile("SYSTEM (?:DROP|CLEAR) \\w+ CACHE");

    private static final Pattern KILL = Pattern.compile("KILL QUERY( .*)", Pattern.DOTALL);

    private static final Pattern TWO_TABLES =
            Pattern.compile("(RENAME TABLE \\S+ TO \\S+|EXCHANGE TABLES \\S+ AND \\S+)");

    private static final Pattern UNCHANGED =
            Pattern.compile("(SELECT|WITH|INSERT|SHOW|DESCRIBE|EXISTS)\\b.*", Pattern.DOTALL);

    /// Where every server has rows of its own and all are meant.
    private static final Pattern PARTS = Pattern.compile("\\bsystem\\.(parts|processes)\\b");

    /// What says that it returns when rows are gone must not return before.
    private static final String PATIENCE =
            ", distributed_ddl_task_timeout = 3600, distributed_ddl_output_mode = 'throw'";

    private final String cluster;
    private final String database;
    private final String keeperPath;
    private final boolean replicated;
    private final Set<String> spread;
    private final Pattern spreadTables;

    /// @param cluster in the servers' `remote_servers`
    /// @param database `engine.database`
    /// @param keeperPath where replicas meet, `engine.keeper_path`
    public ClusterSql(String cluster, String database, String keeperPath) {
        this(cluster, database, keeperPath, true);
    }

    /// @param replicated false: plain engines and no `ON CLUSTER`, for a cluster of one server
    ///   without Keeper, as tests can have it
    ClusterSql(String cluster, String database, String keeperPath, boolean replicated) {
        this.cluster = cluster;
        this.database = database;
        this.keeperPath = keeperPath;
        this.replicated = replicated;
        this.spread = spreadTables();
        this.spreadTables =
                Pattern.compile("\\b" + database + "\\.(" + String.join("|", spread) + ")\\b(?!_)");
    }

    /// Tables with a column `series_id`, by name.
    private static Set<String> spreadTables() {
        var names = new TreeSet<String>();
        for (String migration : Schema.MIGRATIONS) {
            String sql = EngineSql.template("engine/" + migration);
            Matcher create = CREATE_TABLE.matcher(sql.replace("${database}", "d"));
            if (create.find() && create.group(5).contains("series_id")) {
                names.add(create.group(4));
            }
        }
        return names;
    }

    /// The cluster's name.
    public String cluster() {
        return cluster;
    }

    /// False for a cluster of one server without Keeper.
    boolean replicated() {
        return replicated;
    }

    /// The database of what a shard holds itself.
    public String shardDatabase() {
        return database + "_shard";
    }

    /// What is to be run in place of a statement, in order.
    ///
    /// @throws IllegalArgumentException for a statement that is not known: it would be run on one
    ///   server and no other
    public List<String> rewrite(String sql) {
        String text = sql.strip();
        if (UNCHANGED.matcher(text).matches()) {
            return List.of(everywhere(text));
        }
        Matcher table = CREATE_TABLE.matcher(text);
        if (table.matches()) {
            return createTable(table);
        }
        Matcher named = NAMED.matcher(text);
        if (named.matches()) {
            return named(named);
        }
        Matcher inPlace = IN_PLACE.matcher(text);
        if (inPlace.matches()) {
            return inPlace(inPlace);
        }
        Matcher ofTable = SYSTEM_OF_TABLE.matcher(text);
        if (ofTable.matches()) {
            return List.of(ofTable.group(1) + onCluster() + " " + local(ofTable.group(2)));
        }
        Matcher kill = KILL.matcher(text);
        if (kill.matches()) {
            return List.of("KILL QUERY" + onCluster() + kill.group(1));
        }
        if (SYSTEM.matcher(text).matches() || TWO_TABLES.matcher(text).matches()) {
            return List.of(text + onCluster());
        }
        throw new IllegalArgumentException(
                "no cluster form is known of \""
                        + text.substring(0, Math.min(text.length(), 80))
                        + "\"");
    }

    private String onCluster() {
        return replicated ? " ON CLUSTER '" + cluster + "'" : "";
    }

    private String local(String text) {
        return spreadTables.matcher(text).replaceAll(shardDatabase() + ".$1");
    }

    private String everywhere(String text) {
        Matcher parts = PARTS.matcher(text);
        if (!parts.find()) {
            return text;
        }
        return parts.replaceAll("clusterAllReplicas('" + cluster + "', system.$1)")
                .replace("'" + database + "'", "'" + shardDatabase() + "'");
    }

    private List<String> inPlace(Matcher inPlace) {
        String rest = inPlace.group(3);
        boolean waits = replicated && rest.contains("\nSETTINGS ");
        String onShards =
                local(inPlace.group(1) + " " + inPlace.group(2) + onCluster())
                        + local(rest)
                        + (waits ? PATIENCE : "");
        boolean columns =
                !local(inPlace.group(2)).equals(inPlace.group(2))
                        && COLUMNS.matcher(rest).lookingAt();
        return columns
                ? List.of(onShards, inPlace.group(1) + " " + inPlace.group(2) + onCluster() + rest)
                : List.of(onShards);
    }

    private List<String> named(Matcher named) {
        String statement = named.group(1);
        String rest = named.group(3);
        if (statement.startsWith("DROP") && replicated) {
            rest = rest.replace(" SYNC", "") + " SYNC"; // its place in Keeper is free afterwards
        }
        var all = new ArrayList<String>();
        all.add(statement + " " + named.group(2) + onCluster() + rest);
        if (statement.startsWith("CREATE DATABASE") && named.group(2).equals(database)) {
            all.add(statement + " " + shardDatabase() + onCluster());
        }
        return List.copyOf(all);
    }

    private List<String> createTable(Matcher create) {
        String name = create.group(4);
        boolean replace = create.group(1) != null;
        boolean spreads = create.group(3).equals(database) && spread.contains(name);
        String place = (spreads ? shardDatabase() : create.group(3)) + "." + name;
        String ifThere = replace || create.group(2) == null ? "" : "IF NOT EXISTS ";
        String rest = spreads ? local(create.group(5)) : create.group(5);
        Matcher engine = ENGINE.matcher(rest);
        if (!engine.find()) {
            throw new IllegalArgumentException("table " + name + " names no engine of its own");
        }
        String replica = replica(create.group(3), name, spreads, replace);
        String arguments = engine.group(2) == null ? "" : engine.group(2);
        String all = replica + (replica.isEmpty() || arguments.isEmpty() ? "" : ", ") + arguments;
        String made =
                rest.substring(0, engine.start())
                        + "ENGINE = "
                        + (replicated ? "Replicated" : "")
                        + engine.group(1)
                        + "("
                        + all
                        + ")"
                        + rest.substring(engine.end());
        var statements = new ArrayList<String>();
        if (replace) {
            statements.add(
                    "DROP TABLE IF EXISTS " + place + onCluster() + (replicated ? " SYNC" : ""));
        }
        statements.add("CREATE TABLE " + ifThere + place + onCluster() + made);
        if (spreads) {
            statements.add(
                    "CREATE TABLE IF NOT EXISTS "
                            + database
                            + "."
                            + name
                            + onCluster()
                            + " AS "
                            + place
                            + "\nENGINE = Distributed('"
                            + cluster
                            + "', '"
                            + shardDatabase()
                            + "', '"
                            + name
                            + "', "
                            + SHARDING_KEY
                            + ")");
        }
        return List.copyOf(statements);
    }

    /// A table that is replaced has a new place each time, since the old one is given up later.
    private String replica(String of, String name, boolean spreads, boolean replace) {
        if (!replicated) {
            return "";
        }
        String path = keeperPath + "/" + (spreads ? "{shard}" : "all") + "/" + of + "/" + name;
        return "'"
                + path
                + (replace ? "/{uuid}" : "")
                + "', '"
                + (spreads ? "{replica}" : "{shard}_{replica}")
                + "'";
    }
}

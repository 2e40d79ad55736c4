package dev.firn.engine;

import dev.firn.base.InputException;
import java.util.LinkedHashMap;
import java.util.Map;

/// A cluster that holds the engine's tables: over how many shards rows are spread, and how a block
/// is sent to one of them.
///
/// A block of a cut goes to one shard in one INSERT, hence is one part there or none. Its
/// deduplication token is written to Keeper in the same transaction as the part, so that of two
/// INSERTs of one block (the first lost its answer and came through late) one is dropped.
public final class EngineCluster {
    private final ClusterSql sql;
    private final String insertQuorum;
    private volatile int shards = 1;
    private volatile long tokens;

    /// @param insertQuorum `engine.insert_quorum`
    public EngineCluster(ClusterSql sql, String insertQuorum) {
        this.sql = sql;
        this.insertQuorum = insertQuorum;
    }

    /// How a client speaks to it. What is written is on a majority of replicas before it counts,
    /// and what is read has all of that.
    public EngineClient.Dialect dialect() {
        var settings = new LinkedHashMap<String, String>();
        settings.put("distributed_product_mode", "global");
        settings.put("distributed_foreground_insert", "1");
        settings.put("insert_quorum", insertQuorum);
        settings.put("insert_quorum_parallel", "0"); // else sequential reads mean nothing
        settings.put("insert_quorum_timeout", "60000"); // before the client loses patience
        settings.put("select_sequential_consistency", "1");
        settings.put("fallback_to_stale_replicas_for_distributed_queries", "0");
        // A replica that is away does what it missed when it is back; nothing waits for it.
        settings.put("distributed_ddl_task_timeout", "10");
        settings.put("distributed_ddl_output_mode", "null_status_on_timeout");
        settings.put("allow_nondeterministic_mutations", "1"); // conditions over table series
        return new EngineClient.Dialect(settings, sql::rewrite);
    }

    /// Number of shards.
    int shards() {
        return shards;
    }

    /// The cluster's name.
    public String name() {
        return sql.cluster();
    }

    /// Looks at the cluster, before its tables are made.
    ///
    /// @throws InputException when it is not there or cannot be used
    void look(EngineClient client) throws InterruptedException {
        var row =
                client.query(
                                EngineSql.read(
                                        "cluster/read_cluster",
                                        Map.of("cluster", EngineSql.quoted(name()))))
                        .getFirst();
        if (row.number(0) == 0) {
            throw new InputException(
                    "cannot use cluster \"%s\": the server's remote_servers has %s; correct engine.cluster"
                            .formatted(name(), row.text(3).isEmpty() ? "none" : row.text(3)));
        }
        if (row.number(1) != 1) {
            throw new InputException(
                    "cannot use cluster \"%s\": its shards have different weights; give them one"
                            .formatted(name()));
        }
        if (row.number(2) == 0 && sql.replicated()) {
            throw new InputException(
                    ("cannot use cluster \"%s\": a shard has no internal_replication, so that each"
                                    + " block would be sent to every replica; set it to true")
                            .formatted(name()));
        }
        shards = (int) row.number(0);
    }

    /// The statement that makes the table of what is known of the spreading.
    public static String placement(String database) {
        return EngineSql.read("cluster/create_placement", Map.of("database", database));
    }

    /// Whether the tables that come first are there: statements for all servers are not repeated
    /// without need, since each waits for one that is away.
    boolean isThere(EngineClient client, String database) throws InterruptedException {
        String sql = EngineSql.read("cluster/count_first_tables", Map.of("database", database));
        return client.query(sql).getFirst().number(0) == 2;
    }

    /// Compares the number of shards with what rows were spread by.
    ///
    /// @throws InputException when it is another
    void open(EngineClient client, String database) throws InterruptedException {
        var row =
                client.query(EngineSql.read("cluster/read_placement", Map.of("database", database)))
                        .getFirst();
        tokens = row.number(1);
        if (row.number(0) == 0) {
            newTokens(client, database);
        } else if (row.number(0) != shards) {
            throw new InputException(
                    ("cannot use database \"%s\": its rows are spread over %d shards, cluster \"%s\""
                                    + " has %d; name a new engine.database and fill it with firn"
                                    + " lake rebuild-engine")
                            .formatted(database, row.number(0), name(), shards));
        }
    }

    /// Rows are about to be taken out: what is inserted from now on is no repetition of before.
    void newTokens(EngineClient client, String database) throws InterruptedException {
        client.execute(
                EngineSql.read(
                        "cluster/record_placement",
                        Map.of(
                                "database", database,
                                "shards", Integer.toString(shards),
                                "tokens", Long.toString(tokens + 1))));
        tokens++;
    }

    /// Settings of the INSERT of a block that belongs to one shard.
    ///
    /// @param block names it among all blocks; empty for one that is not repeated blindly
    String insertSettings(int shard, String block) {
        return "insert_shard_id=%d, %s"
                .formatted(
                        shard + 1,
                        block.isEmpty()
                                ? "insert_deduplicate=0"
                                : "insert_deduplicate=1, insert_deduplication_token='%d-%s-%d'"
                                        .formatted(tokens, EngineSql.quoted(block), shard));
    }
}

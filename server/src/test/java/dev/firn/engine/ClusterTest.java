package dev.firn.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.base.OwnMetrics;
import dev.firn.config.RollupConfig;
import dev.firn.model.Batch;
import dev.firn.model.MetricType;
import dev.firn.model.Numbers;
import dev.firn.query.StoreViews;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The cluster form of the engine: on an engine that is a cluster of one shard by itself, without
/// Keeper (the embedded one has no server for another to speak to), and as text.
class ClusterTest {
    private static final long NOW = 1_795_132_800_123_456_789L; // 2026-11-20
    private static final long MINUTE = 60_000_000_000L;
    private static final String ONE =
            """
            <clickhouse>
              <tcp_port>1</tcp_port>
              <remote_servers>
                <one>
                  <shard><replica><host>127.0.0.1</host><port>1</port></replica></shard>
                </one>
                <two>
                  <shard><internal_replication>true</internal_replication>
                    <replica><host>127.0.0.1</host><port>1</port></replica></shard>
                  <shard><internal_replication>true</internal_replication>
                    <replica><host>127.0.0.1</host><port>1</port></replica></shard>
                </two>
              </remote_servers>
            </clickhouse>
            """;

    @TempDir static Path folder;
    private static EngineFixture engine;

    @BeforeAll
    static void start() throws IOException {
        Files.writeString(folder.resolve("config.xml"), ONE);
        engine = new EngineFixture(folder);
    }

    @AfterAll
    static void stop() {
        engine.close();
    }

    private static EngineCluster cluster(String database) {
        return new EngineCluster(new ClusterSql("one", database, "/k", false), "auto");
    }

    private static EngineClient client(EngineCluster cluster) {
        return new EngineClient(
                engine::access,
                Clock.system(),
                Duration.ofSeconds(60),
                Optional.empty(),
                cluster.dialect());
    }

    private static SinkFixture fixture(String database, EngineCluster cluster) {
        var fixture = new SinkFixture(engine, database);
        fixture.schema = new Schema(database, TimePrecision.MILLIS, cluster);
        fixture.client = client(cluster);
        fixture.restart();
        return fixture;
    }

    @Test
    void everyFieldOfEveryKindComesBackOnce() throws InterruptedException {
        SinkFixture fixture = fixture("spread", cluster("spread"));
        var maker = new PointMaker(1);
        fixture.log.add(
                maker.batch(500, 20, NOW, MINUTE), new Batch(), maker.batch(90, 20, NOW, 5));
        fixture.runToEnd();
        fixture.restartAtTheBeginning();
        fixture.log.add(maker.batch(100, 20, NOW, MINUTE));
        fixture.runToEnd();

        fixture.assertEqualToLog();
        assertThat(
                        engine.rows(
                                "SELECT engine FROM system.tables WHERE database = 'spread' AND name = 'samples'"))
                .containsExactly("Distributed");
        assertThat(engine.rows("SELECT count() > 0 FROM spread_shard.samples"))
                .containsExactly("1");
        fixture.drop();
        engine.client.execute("DROP DATABASE spread_shard");
    }

    @Test
    void aKilledEngineHasEachBlockOnce() throws InterruptedException {
        SinkFixture fixture = fixture("killed", cluster("killed"));
        var maker = new PointMaker(2);
        for (int i = 0; i < 6; i++) {
            fixture.log.add(maker.batch(200, 10, NOW, MINUTE));
        }
        int rounds = 0;
        while (fixture.sink.done() < fixture.log.newest()) {
            if (rounds++ % 3 == 1) {
                engine.kill();
            }
            fixture.sink.run();
        }
        fixture.restartAtTheBeginning();
        fixture.runToEnd();
        fixture.assertEqualToLog();
        fixture.drop();
        engine.client.execute("DROP DATABASE killed_shard");
    }

    /// The same points through the same worker, on a plain server and on the cluster.
    @Test
    void rollupsAndViewsSayTheSameAsOnOneServer() throws InterruptedException {
        List<String> plain = rolledUp("plain_form", null);
        List<String> spread = rolledUp("cluster_form", cluster("cluster_form"));
        assertThat(plain).hasSizeGreaterThan(20);
        assertThat(spread).isEqualTo(plain);
    }

    /// Gauges, counters and histograms of a few series, some late, some twice.
    private static Batch points(PointMaker maker, int part) {
        var batch = new Batch();
        for (int i = 0; i < 200; i++) {
            int series = i % 9;
            long time = NOW - NOW % MINUTE + ((i * 7L + part) % 90) * MINUTE;
            long start = NOW - 60 * MINUTE;
            long size = (time - start) / MINUTE + series;
            MetricType type = i % 2 == 0 ? MetricType.GAUGE : MetricType.SUM;
            batch.numbers.add(
                    maker.series(type, series),
                    time,
                    start,
                    0,
                    Numbers.DOUBLE,
                    Double.doubleToRawLongBits(size * 0.5));
            batch.histograms.bounds.push(Double.doubleToRawLongBits(1));
            batch.histograms.counts.push(size);
            batch.histograms.counts.push(size);
            batch.histograms.add(
                    maker.series(MetricType.HISTOGRAM, series),
                    time,
                    start,
                    0,
                    2 * size,
                    (byte) 7,
                    size * 1.5,
                    0.5,
                    size);
        }
        return batch;
    }

    private static List<String> rolledUp(
            String database, @org.jspecify.annotations.Nullable EngineCluster cluster)
            throws InterruptedException {
        var fixture =
                cluster == null ? new SinkFixture(engine, database) : fixture(database, cluster);
        var clock = new TestClock(NOW + 86_400_000_000_000L);
        fixture.clock = clock;
        fixture.restart();
        var maker = new PointMaker(3);
        for (int i = 0; i < 4; i++) {
            fixture.log.add(points(maker, i));
        }
        fixture.schema.migrate(fixture.client);
        var rollups =
                new Rollups(
                        fixture.client,
                        fixture.schema,
                        RollupConfig.DEFAULTS,
                        Retention.days(90),
                        clock,
                        new OwnMetrics(),
                        Failpoint.NONE);
        rollups.open();
        StoreViews.define(fixture.client, database, false);
        fixture.runToEnd();
        clock.advance(3_600_000_000_000L);
        for (int i = 0; i < 200 && rollups.step(); i++) {}
        var rows = new ArrayList<String>();
        for (String table : List.of("rollup_5m", "rollup_1h", "rollup_1d")) {
            for (String from : List.of(table + " FINAL", table + "_now")) {
                rows.addAll(
                        fixture
                                .client
                                .query(
                                        "SELECT '"
                                                + table
                                                + "', "
                                                + RollupSql.ALL
                                                + " FROM "
                                                + database
                                                + "."
                                                + from
                                                + " ORDER BY metric_id, series_id, time")
                                .stream()
                                .map(row -> String.join("|", row.values()))
                                .toList());
            }
        }
        rows.addAll(
                fixture
                        .client
                        .query("SELECT * FROM " + database + ".metrics_local_v2 ORDER BY ALL")
                        .stream()
                        .map(row -> String.join("|", row.values()))
                        .toList());
        rows.add(
                fixture.client
                        .query(EngineSql.read("query/last_data", Map.of("database", database)))
                        .getFirst()
                        .text(0));
        new EngineErasure(fixture.client, fixture.schema, null)
                .deleteRows(new EngineErasure.Rows("1", "1", 0, EngineErasure.Rows.EVER), 1_000);
        rows.add(
                ""
                        + fixture.client
                                .query("SELECT count() FROM " + database + ".samples")
                                .getFirst()
                                .number(0));
        fixture.drop();
        engine.client.execute("DROP DATABASE IF EXISTS " + database + "_shard");
        return rows;
    }

    @Test
    void aClusterThatIsNotThereIsRefused() {
        var cluster = new EngineCluster(new ClusterSql("nowhere", "x", "/k"), "auto");
        assertThatThrownBy(() -> cluster.look(engine.client))
                .isInstanceOf(InputException.class)
                .hasMessage(
                        "cannot use cluster \"nowhere\": the server's remote_servers has one, two;"
                                + " correct engine.cluster");
        var plain = new EngineCluster(new ClusterSql("one", "x", "/k"), "auto");
        assertThatThrownBy(() -> plain.look(engine.client))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("a shard has no internal_replication");
    }

    @Test
    void anotherNumberOfShardsIsRefused() throws InterruptedException {
        EngineCluster one = cluster("resharded");
        new Schema("resharded", TimePrecision.MILLIS, one).migrate(client(one));
        var two = new EngineCluster(new ClusterSql("two", "resharded", "/k", false), "auto");
        assertThatThrownBy(() ->
                        new Schema("resharded", TimePrecision.MILLIS, two).migrate(client(two)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("its rows are spread over 1 shards, cluster \"two\" has 2");
    }

    /// ClickHouse's parser takes every statement, and none is left on one server.
    @Test
    void everyStatementHasAClusterForm() throws InterruptedException {
        var sql = new ClusterSql("metrics", "db", "/clickhouse/tables");
        var schema = new Schema("db", TimePrecision.MILLIS);
        var plain = new ArrayList<>(schema.tables());
        plain.addAll(schema.rollupViews(RollupConfig.DEFAULTS));
        plain.addAll(StoreViews.statements("db", false));
        plain.add(EngineCluster.placement("db"));
        var parameters =
                Map.of(
                        "database",
                        "db",
                        "table",
                        "samples",
                        "condition",
                        "seq <= 9",
                        "series",
                        "metric_name = 'x'",
                        "rows",
                        "seq <= 9",
                        "prefix",
                        "p");
        for (String file :
                List.of(
                        "delete_part",
                        "erase_rows",
                        "erase_series",
                        "truncate",
                        "stop_ttl_merges",
                        "start_ttl_merges",
                        "drop_query_cache",
                        "kill_inserts")) {
            plain.add(EngineSql.read("engine/" + file, parameters));
        }
        for (String file :
                List.of(
                        "create_slo_definitions",
                        "exchange_slo_definitions",
                        "rename_slo_definitions",
                        "drop_slo_definitions_next")) {
            plain.add(
                    EngineSql.read(
                            "query/" + file,
                            Map.of("database", "db", "table", "slo_definitions_next")));
        }
        for (String statement : plain) {
            for (String one : sql.rewrite(statement)) {
                assertThat(one).contains(" ON CLUSTER 'metrics'");
                assertThat(engine.rows("SELECT formatQuery('" + EngineSql.quoted(one) + "')"))
                        .as(one)
                        .hasSize(1);
                if (one.startsWith("CREATE TABLE")) {
                    assertThat(one)
                            .containsPattern(
                                    "ENGINE = (Replicated\\w*MergeTree\\('/clickhouse|Distributed)");
                }
            }
        }
        assertThat(sql.rewrite(EngineSql.read("engine/erase_rows", parameters)))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("ALTER TABLE db_shard.samples ON CLUSTER 'metrics' DELETE")
                .contains("FROM db_shard.series WHERE")
                .contains("mutations_sync = 2");
        assertThat(sql.rewrite("ALTER TABLE db.samples ADD COLUMN IF NOT EXISTS x UInt8"))
                .containsExactly(
                        "ALTER TABLE db_shard.samples ON CLUSTER 'metrics' ADD COLUMN IF NOT EXISTS x UInt8",
                        "ALTER TABLE db.samples ON CLUSTER 'metrics' ADD COLUMN IF NOT EXISTS x UInt8");
        assertThatThrownBy(() -> sql.rewrite("GRANT ALL ON *.* TO x"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /// A table of two shards chooses as [RowOrder] does.
    @Test
    void aSeriesShardIsWhatTheTableChooses() throws InterruptedException {
        for (int shards = 1; shards < 8; shards++) {
            for (long id :
                    new long[] {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE, 7_777_777_777L, -5}) {
                assertThat(
                                engine.rows(
                                        "SELECT "
                                                + ClusterSql.SHARDING_KEY
                                                + " % "
                                                + shards
                                                + " FROM (SELECT toInt64("
                                                + id
                                                + ") AS series_id)"))
                        .containsExactly("" + RowOrder.shard(id, shards));
            }
        }
    }

    @Test
    void aCutIsSplitByShardAndMonth() {
        var maker = new PointMaker(4);
        var rows = new CutRows();
        rows.gather(
                new MemoryCutLog.MemoryCut(
                        7, List.of(maker.batch(300, 20, NOW, 40 * 24 * 60 * MINUTE))),
                Retention.days(400),
                0,
                400);
        rows.series.rank();
        var order = new RowOrder();
        order.shards(3);
        TableBlocks.arrange(Table.SAMPLES, rows, order);
        var seen = new java.util.HashSet<String>();
        int kept = 0;
        for (int part = 0; part < order.partitions(); part++) {
            assertThat(seen.add(order.month(part) + "/" + order.shard(part))).isTrue();
            for (int i = order.from(part); i < order.to(part); i++) {
                int slot = rows.slots(rows.points.numbers.kind())[order.order()[i]];
                assertThat(RowOrder.shard(rows.series.id[slot], 3)).isEqualTo(order.shard(part));
                kept++;
            }
        }
        assertThat(kept).isEqualTo(rows.points.numbers.size());
        assertThat(seen).hasSizeGreaterThan(3);
    }
}

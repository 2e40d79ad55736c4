package dev.firn.engine.child;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the anonymous reader must not do, and what must not end the engine.
final class EngineGateTest {
    @TempDir private static Path data;
    private static EngineProcess engine;
    private static EngineClient client;

    @BeforeAll
    static void start() {
        engine = TestEngine.start(data.resolve("engine"));
        client = new EngineClient(engine);
        client.run("CREATE TABLE otel_metrics.samples (a Int32) ENGINE = MergeTree ORDER BY a");
        client.run("INSERT INTO samples VALUES (1), (2), (3)");
    }

    @AfterAll
    static void stop() {
        engine.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT * FROM file('/etc/passwd', 'TSV', 'a String')",
                "SELECT * FROM url('http://127.0.0.1:1/', 'TSV', 'a String')",
                "SELECT * FROM remote('127.0.0.1', system.one)",
                "SELECT * FROM executable('x', 'TSV', 'a String')",
                "SELECT 1 INTO OUTFILE '/tmp/firn-gate-test'",
                "SELECT 1 INTO/**/OUTFILE '/tmp/firn-gate-test' FORMAT CSV",
                "SELECT * FROM (SELECT * FROM file('/etc/passwd','TSV','a String') SETTINGS"
                        + " readonly=0) SETTINGS max_threads=1",
                "SELECT * FROM (SELECT 1 SETTINGS max_threads = 1)",
                "SELECT * FROM (SELECT * FROM file('/etc/passwd','TSV','a String') SETTINGS"
                        + " `readonly` = 0)",
                "SELECT ‘'’, * FROM (SELECT 1 SETTINGS readonly=0) WHERE ‘'’ != ''",
                "SELECT 1 WHERE 1 IN (SELECT 1 /* x */ settings/**/max_threads=1)",
                "WITH x AS (SELECT 1 SETTINGS readonly = 0) SELECT * FROM x",
                "SELECT file('/etc/passwd')",
                "SELECT `file`('/etc/passwd')",
                "SELECT arrayMap(x -> file(x), ['/etc/passwd'])",
                "SELECT * APPLY(file) FROM (SELECT '/etc/passwd')",
                "SELECT * APPLY file FROM (SELECT '/etc/passwd')",
                "SELECT * FROM eval('SELECT 1')",
                "DESCRIBE TABLE file('/etc/passwd')",
                "DESCRIBE file('/etc/passwd', 'LineAsString')",
                "DESC url('http://127.0.0.1:1/x', 'CSV')",
                "EXPLAIN SELECT * FROM file('/etc/passwd', 'TSV', 'a String')",
                "SELECT * FROM s3('http://127.0.0.1:1/bucket/x', 'TSV', 'a String')",
                "SELECT * FROM deltaLake('http://127.0.0.1:1/bucket/x')",
                "SELECT * FROM view(SELECT * FROM file('/etc/passwd', 'TSV', 'a String'))",
                "SELECT * FROM default.`/etc/passwd`",
                "EXISTS TABLE default.`/etc/shadow`",
                "EXISTS TABLE `default`.`/etc/passwd`",
                "EXISTS `/etc/passwd`",
                "EXISTS TABLE {t:Identifier}",
                "INSERT INTO samples VALUES (4)",
                "INSERT INTO samples SELECT 4",
                "INSERT INTO FUNCTION file('/tmp/firn-gate-test', 'TSV', 'a Int32') SELECT 1",
                "CREATE TABLE x (a Int32) ENGINE = Memory",
                "CREATE TEMPORARY TABLE x (a Int32) ENGINE = Memory",
                "CREATE FUNCTION f AS x -> x",
                "DROP TABLE samples",
                "TRUNCATE TABLE samples",
                "ALTER TABLE samples DELETE WHERE 1",
                "DELETE FROM samples WHERE 1",
                "OPTIMIZE TABLE samples",
                "SET readonly = 0",
                "SET max_threads = 1",
                "USE system",
                "KILL QUERY WHERE 1",
                "SYSTEM SHUTDOWN",
                "SYSTEM KILL",
                "SYSTEM STOP MERGES",
                "ATTACH TABLE samples",
                "BACKUP TABLE samples TO File('/tmp/firn-gate-test')"
            })
    void readerIsRefused(String sql) {
        var answer = client.read(sql);
        assertThat(answer.status()).as(answer.body()).isNotEqualTo(200);
        assertThat(answer.code()).as(answer.body()).isIn("164", "62", "452");
        assertThat(Files.exists(Path.of("/tmp/firn-gate-test"))).isFalse();
        assertThat(client.run("SELECT count() FROM samples")).isEqualTo("3\n");
    }

    @Test
    void readonlyCannotBeTurnedOffBehindAStatement() {
        var answer = client.read("SELECT 1 SETTINGS readonly = 0");
        assertThat(answer.code()).isEqualTo("452");
        assertThat(answer.body()).contains("readonly");
    }

    @Test
    void columnsNamedLikeForbiddenThingsAreNot() {
        assertThat(
                        client.read(
                                        "SELECT settings, file FROM (SELECT 1 AS settings, 2 AS file)"
                                                + " WHERE settings = 1")
                                .body())
                .isEqualTo("1\t2\n");
        assertThat(client.read("SELECT 'SETTINGS readonly = 0', 'file(x)'").status())
                .isEqualTo(200);
        assertThat(client.read("SELECT format('{}-{}', 'a', 'b')").body()).isEqualTo("a-b\n");
        assertThat(client.read("DESCRIBE (SELECT 1 AS a) FORMAT TSV").body()).startsWith("a\t");
    }

    /// Under any name, since reading it interrupts every thread of the child: it is taken away.
    @Test
    void stackTracesAreNobodys() {
        String names = "?param_d=system&param_t=stack_trace";
        for (String sql :
                new String[] {
                    "SELECT * FROM system.stack_trace",
                    "SELECT * FROM {d:Identifier}.{t:Identifier}",
                    "SELECT * FROM merge('system', '^stack_trace')"
                }) {
            assertThat(client.read(sql, names).code()).as(sql).isIn("60", "636");
        }
        assertThat(client.read("SELECT * FROM stack_trace", "?database=system").code())
                .isEqualTo("60");
    }

    @Test
    void parametersCannotNameFiles() {
        String names = "?param_d=default&param_t=" + EngineClient.encode("/etc/passwd");
        for (String sql :
                new String[] {
                    "SELECT * FROM {d:Identifier}.{t:Identifier}",
                    "SELECT * FROM {d:Identifier}.`/etc/passwd`",
                    "EXISTS TABLE {d:Identifier}.`/etc/passwd`"
                }) {
            assertThat(client.read(sql, names).code()).as(sql).isEqualTo("164");
        }
        assertThat(client.read("SELECT {t:String}", names).body()).isEqualTo("/etc/passwd\n");
    }

    /// A new library may bring new ones: someone has to look at each before readers meet it.
    @Test
    void everyTableFunctionOfTheLibraryIsKnown() {
        assertThat(tableFunctions("allow_readonly")).containsExactlyInAnyOrder(open());
        assertThat(tableFunctions("NOT allow_readonly")).containsExactlyInAnyOrder(closed());
    }

    private static List<String> tableFunctions(String which) {
        return client.run("SELECT name FROM system.table_functions WHERE " + which)
                .lines()
                .toList();
    }

    /// Read nothing but this engine's tables and their own arguments; `eval` is closed by the gate.
    private static String[] open() {
        return """
        SQLStandardValues cluster clusterAllReplicas eval fuzzJSON fuzzQuery
        generateRandom generateSeries generate_series input merge
        mergeTreeAnalyzeIndexes mergeTreeAnalyzeIndexesUUID mergeTreeIndex
        mergeTreeProjection mergeTreeTextIndex null numbers numbers_mt primes values
        view viewIfPermitted\
        """
                .split("\\s+");
    }

    /// Closed by ClickHouse under readonly, and by the gate wherever they are called.
    private static String[] closed() {
        return """
        arrowstream azureBlobStorage azureBlobStorageCluster cosn deltaLake
        deltaLakeAzure deltaLakeAzureCluster deltaLakeCluster deltaLakeLocal
        deltaLakeS3 deltaLakeS3Cluster dictionary executable file fileCluster
        filesystem format gcs hdfs hdfsCluster hudi hudiCluster iceberg icebergAzure
        icebergAzureCluster icebergCluster icebergHDFS icebergHDFSCluster
        icebergLocal icebergLocalCluster icebergS3 icebergS3Cluster jdbc loop
        mongodb mysql odbc oss paimon paimonAzure paimonAzureCluster paimonCluster
        paimonHDFS paimonHDFSCluster paimonLocal paimonS3 paimonS3Cluster postgresql
        prometheusQuery prometheusQueryRange redis remote remoteSecure s3 s3Cluster
        sqlite timeSeriesData timeSeriesMetrics timeSeriesSamples timeSeriesSelector
        timeSeriesTags url urlCluster viewExplain ytsaurus zeros zeros_mt\
        """
                .split("\\s+");
    }

    @Test
    void dollarSignsOutsideQuotesNeverPassUnquoted() {
        // ClickHouse renders heredocs and odd names with quotes: nothing in them is taken for code.
        assertThat(client.read("SELECT $x$ file('/etc/passwd') $x$").body()).contains("file(");
        assertThat(client.read("SELECT a$b FROM (SELECT 1 AS a$b)").body()).isEqualTo("1\n");
        assertThat(client.read("SELECT a$file('/etc/passwd')$").status()).isNotEqualTo(200);
    }

    @Test
    void severalStatementsAreRefused() {
        var answer = client.read("SELECT 1; DROP TABLE samples");
        assertThat(answer.code()).isEqualTo("62");
        assertThat(answer.body()).contains("Multi-statements");
        assertThat(client.read("SELECT 1; SELECT 2").code()).isEqualTo("62");
    }

    @Test
    void formatCannotSmuggleAFile() {
        var answer =
                client.read(
                        "SELECT 1", "?default_format=" + EngineClient.encode("CSV INTO OUTFILE"));
        assertThat(answer.code()).isEqualTo("73");
    }

    @Test
    void memoryLimitEndsTheQueryAndNotTheEngine() {
        long before = engine.generation();
        var answer = client.read("SELECT length(groupArray(number)) FROM numbers(1000000000)");
        assertThat(answer.code()).as(answer.body()).isEqualTo("241");
        assertThat(client.read("SELECT 1").body()).isEqualTo("1\n");
        assertThat(engine.generation()).isEqualTo(before);
    }

    @Test
    void timeLimitEndsTheQuery() {
        var answer =
                client.read(
                        "SELECT count() FROM numbers(1000000000000) WHERE NOT"
                                + " ignore(sipHash64(number))",
                        "?max_execution_time=0.3");
        assertThat(answer.code()).isEqualTo("159");
    }

    @Test
    void queriesRunAtOnceAndTooManyAreToldSo() throws InterruptedException {
        var threads = new ArrayList<Thread>();
        var statuses = new ArrayList<Integer>();
        var begun = new CountDownLatch(4);
        for (int i = 0; i < 4; i++) {
            threads.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                begun.countDown();
                                var answer = client.read("SELECT sleep(1.5)");
                                synchronized (statuses) {
                                    statuses.add(answer.status());
                                }
                            }));
        }
        begun.await();
        Deadline.await(
                "four sleeping readers",
                () ->
                        client.run(
                                        "SELECT count() FROM system.processes WHERE query LIKE"
                                                + " 'SELECT sleep(1.5)%'")
                                .equals("4\n"));
        var refused = client.read("SELECT 1");
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.code()).isEqualTo("202");
        for (var thread : threads) {
            thread.join();
        }
        assertThat(statuses).containsOnly(200);
        assertThat(client.read("SELECT 1").status()).isEqualTo(200);
    }
}

package dev.firn;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.firn.lake.LakePaths;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What `firn lake compact`, `expire` and `orphans` say on standard error while they work; standard
/// output has the columns alone.
class LakeProgressLinesTest {
    private static final String CONFIG =
            """
            engine: {enabled: false}
            lake: {commit_interval: 1s, maintenance: {enabled: false}}\
            """;
    private static final Pattern TIME =
            Pattern.compile("(\"timestamp-ms\"|\"last-updated-ms\")\\s*:\\s*(\\d+)");
    private static final int COMMITS = 6;

    @TempDir Path data;

    private Served.Ran lake(String command, String... more) {
        var all = new java.util.ArrayList<>(List.of("lake", command, "--data", data.toString()));
        all.addAll(List.of(more));
        return Served.command(all.toArray(String[]::new));
    }

    @Test
    void aDirectoryThatIsOpenedForThemShowsHowFarTheyAre() throws Exception {
        try (var served = new Served(data, CONFIG)) {
            for (int commit = 0; commit < COMMITS; commit++) {
                served.sendAll(commit, commit + 1);
                served.assertLakeRows((commit + 1L) * Served.POINTS);
            }
        }
        Served.Ran compacted = lake("compact");
        assertThat(compacted.exit()).as(compacted.err()).isZero();
        String[] merge = row(compacted, "points");
        assertThat(compacted.err())
                .containsPattern("firn: 0 of \\d+ merges, now points " + merge[1] + " " + merge[2]);
        assertThat(compacted.out()).startsWith("table\tday\t").doesNotContain("firn: ");

        age(Duration.ofHours(2));
        assertThat(lake("expire", "--older-than", "1h", "--dry-run").err()).isEmpty();
        Served.Ran expired = lake("expire", "--older-than", "1h");
        assertThat(expired.exit()).as(expired.err()).isZero();
        String[] gone = row(expired, "points");
        long files = Long.parseLong(gone[4]) + Long.parseLong(gone[5]) + Long.parseLong(gone[6]);
        assertThat(files).isGreaterThan(COMMITS);
        assertThat(expired.err())
                .contains("firn: points: files of expired snapshots " + files + "/" + files + "\n");
        assertThat(expired.out()).startsWith("table\tsnapshots\t").doesNotContain("firn: ");

        for (String name : List.of("a.parquet", "b.parquet")) {
            Path orphan = LakePaths.warehouse(data).resolve("metrics/points/data").resolve(name);
            Files.writeString(orphan, "x");
            Files.setLastModifiedTime(
                    orphan, FileTime.from(Instant.now().minus(Duration.ofDays(9))));
        }
        Served.Ran orphans = lake("orphans");
        assertThat(orphans.exit()).as(orphans.err()).isZero();
        assertThat(row(orphans, "points")[2]).isEqualTo("2");
        assertThat(orphans.err())
                .containsPattern("firn: manifests of \\S*metrics\\.points (\\d+)/\\1\n")
                .containsPattern("firn: orphans of \\S*metrics\\.points 2/2\n");
        assertThat(orphans.out()).startsWith("table\tfiles\t").doesNotContain("firn: ");
    }

    private static String[] row(Served.Ran ran, String table) {
        return ran.out()
                .lines()
                .filter(line -> line.startsWith(table + "\t"))
                .findFirst()
                .orElseThrow(() -> new AssertionError(ran))
                .split("\t");
    }

    /// Moves the tables into the past: no test waits an hour until a snapshot may expire.
    private void age(Duration by) throws Exception {
        try (var catalog = DriverManager.getConnection("jdbc:sqlite:" + LakePaths.catalog(data));
                var select = catalog.createStatement();
                var update =
                        catalog.prepareStatement(
                                "UPDATE iceberg_tables SET metadata_location = ? WHERE table_name ="
                                        + " ?")) {
            try (var tables =
                    select.executeQuery(
                            "SELECT table_name, metadata_location FROM iceberg_tables")) {
                while (tables.next()) {
                    Path newest = Path.of(LakePaths.local(tables.getString(2)).toString());
                    String text =
                            TIME.matcher(Files.readString(newest))
                                    .replaceAll(found ->
                                            found.group(1)
                                                    + ":"
                                                    + (Long.parseLong(found.group(2))
                                                            - by.toMillis()));
                    Path older = newest.resolveSibling("9" + newest.getFileName());
                    Files.writeString(older, text);
                    update.setString(1, older.toString());
                    update.setString(2, tables.getString(1));
                    update.addBatch();
                }
            }
            update.executeBatch();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "compact,'1 of 3 merges, now points 2026-01-31 eu-1',table\tday\t",
        "expire,points: files of expired snapshots 26/32,table\tsnapshots\t",
        "orphans,orphans of firn.metrics.points 3/7,table\tfiles\t"
    })
    void whatARunningFirnSaysIsHandedOn(String command, String line, String columns)
            throws Exception {
        HttpServer firn =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        firn.createContext(
                "/api/firn/v1/lake/" + command,
                exchange -> {
                    byte[] answer =
                            "{\"progress\":\"%s\"}\n{\"result\":[]}\n"
                                    .formatted(line)
                                    .getBytes(UTF_8);
                    exchange.sendResponseHeaders(200, answer.length);
                    exchange.getResponseBody().write(answer);
                    exchange.close();
                });
        firn.start();
        try {
            Served.Ran ran =
                    Served.command(
                            "lake",
                            command,
                            "--url",
                            "http://127.0.0.1:" + firn.getAddress().getPort());
            assertThat(ran.exit()).as(ran.err()).isZero();
            assertThat(ran.err()).isEqualTo("firn: " + line + "\n");
            assertThat(ran.out()).startsWith(columns).doesNotContain("firn: ");
        } finally {
            firn.stop(0);
        }
    }
}

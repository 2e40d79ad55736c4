package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.lake.LakePaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// `firn lake erase`, `hold`, `expire`, `orphans`, `backup`, `restore` and `recover` on a whole
/// Firn.
class LakeKeepServedTest {
    private static final String NO_ENGINE = "engine: {enabled: false}";

    private static final String KEPT = " SETTINGS use_query_cache = 1";

    @TempDir Path data;

    private static Served.Ran lake(Served served, String... arguments) {
        var all = new java.util.ArrayList<String>(java.util.List.of("lake"));
        all.addAll(java.util.List.of(arguments));
        all.addAll(java.util.List.of("--url", served.running.url()));
        return Served.command(all.toArray(String[]::new));
    }

    @Test
    void erasureReachesLakeAndEngineAndLaterPointsStandForThemselves() {
        String where;
        String count;
        try (var served = new Served(data, "")) {
            served.sendAll(0, 3);
            served.assertLakeRows(3 * Served.POINTS);
            Served.await(
                    () -> served.sql("SELECT count() FROM samples").equals("" + 3 * Served.POINTS));
            String series = served.sql("SELECT min(series_id) FROM series");
            where = "series_id = " + series;
            count = "SELECT count() FROM samples WHERE series_id = toInt64('" + series + "')";
            String rows = served.sql(count);
            assertThat(rows).isNotEqualTo("0");
            String rolled =
                    "SELECT sum(count) FROM rollup_1h_now WHERE series_id = toInt64('"
                            + series
                            + "')";
            assertThat(served.sql(rolled + KEPT)).isEqualTo(rows);

            Served.Ran dry = lake(served, "erase", "--where", where, "--dry-run");
            assertThat(dry.exit()).as(dry.err()).isZero(); // it may have told its progress
            assertThat(dry.out())
                    .contains("lake\tpoints\t", "\t" + rows + "\t", "engine\tsamples\t\t" + rows)
                    .contains("engine\trollup_1d\t\t");
            assertThat(served.sql(count)).isEqualTo(rows);
            assertThat(served.sql(count + KEPT)).isEqualTo(rows);

            assertThat(lake(served, "hold", "add", "case", "--where", where).out())
                    .contains("case\tpoints\t", where);
            Served.Ran held = lake(served, "erase", "--where", where, "--yes");
            assertThat(held.exit()).isEqualTo(1);
            assertThat(held.err()).contains("case=" + rows, "nothing was erased");
            lake(served, "hold", "remove", "case");

            Served.Ran erased = lake(served, "erase", "--where", where, "--yes", "--expire-now");
            assertThat(erased.exit()).as(erased.err()).isZero();
            assertThat(erased.out())
                    .contains("lake\tseries\t", "\nwal\t\t1\t\t")
                    .containsPattern(
                            "snapshots\tpoints\t[1-9]\\d* from before the erasure, the last expires"
                                    + " at 20\\d\\d-")
                    .doesNotContain("elsewhere\twal", "elsewhere\twriters");
            JsonNode log = served.json("/api/firn/v1/wal");
            assertThat(log.get("segments")).hasSize(1);
            assertThat(log.get("segments").get(0).get("number").asLong()).isEqualTo(2);
            served.assertLakeRows(3 * Served.POINTS - Long.parseLong(rows));
            assertThat(served.sql(count)).isEqualTo("0");
            assertThat(served.sql(count + KEPT)).isEqualTo("0");
            assertThat(served.sql(rolled + KEPT)).isEqualTo("0");
            assertThat(served.sql("SELECT count() FROM rollup_5m WHERE " + where)).isEqualTo("0");
            assertThat(served.sql("SELECT count() FROM series WHERE " + where)).isEqualTo("0");
            assertThat(served.json("/api/firn/v1/lake/verify").get("differences")).isEmpty();

            served.sendAll(3, 4); // the same series again
            Served.await(() -> !served.sql(count).equals("0"));
            assertThat(served.sql("SELECT count() > 0 FROM series WHERE " + where)).isEqualTo("1");
            assertThat(served.json("/api/firn/v1/lake/verify").get("differences")).isEmpty();
        }
        LakeRows.read(data).pointsAreAsTheirSeries();
        try (var served = new Served(data, "")) { // the engine's counts hold no contradiction
            served.sendAll(4, 5);
            Served.await(() -> !served.sql(count).equals("0"));
            assertThat(served.json("/api/firn/v1/lake/verify").get("differences")).isEmpty();
            assertThat(served.health().get("troubles")).isEmpty();
        }
    }

    @Test
    void commandsOfUpkeepAnswerInColumnsAndWrongUseIsTwo() throws IOException {
        try (var served = new Served(data, NO_ENGINE)) {
            served.sendAll(0, 1);
            served.assertLakeRows(Served.POINTS);
            assertThat(lake(served, "expire", "--dry-run").out())
                    .startsWith("table\tsnapshots\tkept\treferences\t")
                    .contains("points\t0\t");
            assertThat(lake(served, "orphans", "--list").out())
                    .startsWith("table\tfiles\torphans\tbytes\n")
                    .contains("location\tbytes\tageSeconds");
            assertThat(lake(served, "retention", "--dry-run").out())
                    .isEqualTo("partition\tfiles\trows\tbytes\n");
            Served.Ran young = lake(served, "expire", "--older-than", "10m");
            assertThat(young.exit()).isEqualTo(2);
            assertThat(young.err()).contains("10m is below 1h");
            assertThat(lake(served, "erase", "--where", "nonsense", "--yes").exit()).isEqualTo(2);
            assertThat(lake(served, "erase", "--where", "unit = ''").err())
                    .contains("give either --dry-run");
        }
        Served.Ran closed =
                Served.command("lake", "expire", "--dry-run", "--data", data.toString());
        assertThat(closed.out()).contains("points\t0\t");
        assertThat(Files.readString(data.resolve("state/audit.jsonl")))
                .contains("\"from\":\"command line\"", "lake expire {dry", "\"result\":\"done\"");
    }

    @Test
    void aCatalogIsBackedUpWhileFirnRunsAndRecoveredWhenItIsTooOld() throws Exception {
        Path backup = data.resolve("catalog-backup.db");
        try (var served = new Served(data, NO_ENGINE)) {
            served.sendAll(0, 1);
            served.assertLakeRows(Served.POINTS);
            assertThat(lake(served, "backup", backup.toString()).out())
                    .startsWith("table\tmetadata\npoints\t");
            served.sendAll(1, 2);
            served.assertLakeRows(2 * Served.POINTS);
            served.sendAll(2, 3); // one commit behind, it would be done again from the log
            served.assertLakeRows(3 * Served.POINTS);
        }
        String folder = data.toString();
        Served.Ran refused = Served.command("lake", "restore", backup.toString(), "--data", folder);
        assertThat(refused.exit()).isEqualTo(2);
        assertThat(refused.err()).contains("firn lake recover");
        assertThat(
                        Served.command(
                                        "lake",
                                        "restore",
                                        backup.toString(),
                                        "--data",
                                        folder,
                                        "--force")
                                .exit())
                .isZero();
        try (var served = new Served(data, NO_ENGINE)) {
            Served.await(() -> served.health().get("troubles").toString().contains("recover"));
        }
        Served.Ran recovered = Served.command("lake", "recover", "--data", folder);
        assertThat(recovered.exit()).as(recovered.err()).isZero();
        assertThat(recovered.out()).startsWith("table\tversion\tcatalog\t");
        Served.Ran sound = Served.command("lake", "recover", "--data", folder);
        assertThat(sound.exit()).isEqualTo(1);
        assertThat(sound.err()).contains("it is sound");
        try (var served = new Served(data, NO_ENGINE)) {
            served.sendAll(3, 4);
            served.assertLakeRows(4 * Served.POINTS);
        }
        Files.delete(LakePaths.catalog(data));
        assertThat(Served.command("lake", "recover", "--data", folder).exit()).isZero();
        try (var served = new Served(data, NO_ENGINE)) {
            served.assertLakeRows(4 * Served.POINTS);
        }
    }
}

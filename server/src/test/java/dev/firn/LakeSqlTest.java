package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The lake by SQL, from a request to a whole Firn up to the answer of its engine and its commands.
class LakeSqlTest {
    private static final Duration FRESH = Duration.ofSeconds(5);

    private static final String BY_HOUR =
            "SELECT toUnixTimestamp(toStartOfHour(time)) AS hour, count(), toInt64(sum(ifNull("
                    + "value_int, 0))), round(sumKahan(ifNull(value, 0)), 3) FROM %s GROUP BY hour"
                    + " ORDER BY hour";

    @TempDir private Path folder;

    private static Served.Ran command(String... arguments) {
        Served.Ran ran = Served.command(arguments);
        assertThat(ran.exit()).as(ran.err()).isZero();
        return ran;
    }

    private static String newestSnapshot(Served served) {
        for (JsonNode table : served.json("/api/firn/v1/lake")) {
            if (table.get("name").asString().equals("points")) {
                return table.get("snapshots")
                        .get(table.get("snapshots").size() - 1)
                        .get("id")
                        .toString();
            }
        }
        throw new AssertionError("no table points");
    }

    @Test
    void theLakeAnswersFreshAndEqualToTheEngineAndAsItWas() {
        Path data = folder.resolve("data");
        String first;
        try (var served = new Served(data, "")) {
            Served.await(() -> served.sql("EXISTS VIEW metric_parquet").equals("1"));
            assertThat(served.sql("SELECT count() FROM metric_parquet")).isEqualTo("0");
            served.sendAll(0, 5);
            served.assertLakeRows(5L * Served.POINTS);
            long committed = System.nanoTime();
            Served.await(() ->
                    served.sql("SELECT count() FROM lake_points").equals("" + 5 * Served.POINTS));
            assertThat(System.nanoTime() - committed).isLessThan(FRESH.toNanos());
            first = newestSnapshot(served);
            served.sendAll(5, 8);
            served.assertLakeRows(8L * Served.POINTS);
            Served.await(
                    () -> served.sql("SELECT count() FROM samples").equals("" + 8 * Served.POINTS));
            Served.await(() ->
                    served.sql("SELECT count() FROM metric_parquet")
                            .equals("" + 8 * Served.POINTS));
            assertThat(served.sql(BY_HOUR.formatted("lake_points")))
                    .isEqualTo(served.sql(BY_HOUR.formatted("samples")));
            asks("--url", served.running.url(), first);
        }
        asks("--data", data.toString(), first);
    }

    private static void asks(String where, String place, String first) {
        Served.Ran all =
                command(
                        "sql",
                        where,
                        place,
                        "--lake",
                        "--stats",
                        "-f",
                        "TSV",
                        "SELECT count(), uniqExact(series_id) <= (SELECT count() FROM series) FROM"
                                + " points WHERE time >= '2001-01-01'");
        assertThat(all.out()).isEqualTo(8 * Served.POINTS + "\t1\n");
        assertThat(all.err()).startsWith("firn: files opened ");
        Served.Ran then =
                command(
                        "sql",
                        where,
                        place,
                        "--as-of",
                        first,
                        "-f",
                        "TSV",
                        "SELECT count() FROM metric_parquet");
        assertThat(then).isEqualTo(new Served.Ran(0, 5 * Served.POINTS + "\n", ""));
        Served.Ran none =
                command(
                        "lake",
                        "plan",
                        where,
                        place,
                        "SELECT 1 FROM points WHERE time < '2001-01-01'");
        assertThat(none.out()).isEqualTo("path\trows\tbytes\n");
        assertThat(none.err()).startsWith("firn: opens 0 of ");
        long came =
                command("lake", "diff", where, place, first)
                        .out()
                        .lines()
                        .skip(1)
                        .mapToLong(line -> Long.parseLong(line.split("\t")[2]))
                        .sum();
        assertThat(came).isEqualTo(3L * Served.POINTS);
        assertThat(command("lake", "diff", where, place, "--json", first, first).out())
                .contains("\"changes\":[]");
        Served.Ran wrong = Served.command("sql", where, place, "--as-of", "nowhere", "SELECT 1");
        assertThat(wrong.exit()).isNotZero();
        assertThat(wrong.err()).contains("the table's tags are [main]");
    }
}

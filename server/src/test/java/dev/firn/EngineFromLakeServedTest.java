package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.ops.load.OtlpBodies;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The engine of a whole Firn filled from its lake: by command, and by itself where the log has let
/// go what the engine lacks.
class EngineFromLakeServedTest {
    private static final String COUNT =
            "SELECT (SELECT count() FROM samples) + (SELECT count() FROM histograms)";
    private static final int BULK_POINTS = 5_000;
    private static final LocalDate EARLIER = LocalDate.now(ZoneOffset.UTC).minusDays(5);

    @TempDir Path data;

    private static OtlpBodies bodies(int points, long fromNanos) {
        return new OtlpBodies(
                OtlpBodies.Mix.MIXED, points, points, 2_000_000, 3, fromNanos, 1_000_000_000);
    }

    private static void assertEqual(Served served, long rows) {
        Served.await(() -> served.sql(COUNT).equals(Long.toString(rows)));
        assertThat(served.json("/api/firn/v1/lake/verify").get("differences")).isEmpty();
    }

    private static Served.Ran rebuild(String where, String which, String... more) {
        var arguments = new ArrayList<>(List.of("lake", "rebuild-engine", where, which));
        arguments.addAll(List.of(more));
        return Served.command(arguments.toArray(String[]::new));
    }

    private void dropEngine() throws IOException {
        try (var paths = Files.walk(data.resolve("engine"))) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    @Test
    void rebuiltByCommandWholeAndByDaysItEqualsTheLake() throws Exception {
        long noon = EARLIER.atTime(12, 0).toEpochSecond(ZoneOffset.UTC) * 1_000_000_000;
        OtlpBodies earlier = bodies(200, noon);
        long rows = 10L * Served.POINTS + 3L * 200;
        try (var served = new Served(data, "")) {
            served.sendAll(0, 10);
            for (int body = 0; body < 3; body++) {
                assertThat(served.send(earlier.body(body)).statusCode()).isEqualTo(200);
            }
            served.assertLakeRows(rows);
            assertEqual(served, rows);

            Served.Ran whole = rebuild("--url", served.running.url());
            assertThat(whole.exit()).as(whole.err()).isZero();
            assertThat(whole.out()).isEqualTo("rows\t" + rows + "\n");
            assertEqual(served, rows);
            Served.Ran day =
                    rebuild(
                            "--url",
                            served.running.url(),
                            "--from",
                            EARLIER.toString(),
                            "--to",
                            EARLIER.plusDays(1).toString());
            assertThat(day.out()).as(day.err()).isEqualTo("rows\t600\n");
            assertEqual(served, rows);
        }
        dropEngine();
        String[] earlierDay = {
            "--from", EARLIER.toString(), "--to", EARLIER.plusDays(1).toString()
        };
        Served.Ran tooEarly = rebuild("--data", data.toString(), earlierDay);
        assertThat(tooEarly.exit()).isEqualTo(2);
        assertThat(tooEarly.err())
                .contains("holds nothing of the log yet")
                .contains("load all of it");
        Served.Ran differs = Served.command("lake", "verify", "--data", data.toString());
        assertThat(differs.exit()).as(differs.out()).isEqualTo(1);
        Served.Ran whole = rebuild("--data", data.toString());
        assertThat(whole.out()).as(whole.err()).isEqualTo("rows\t" + rows + "\n");
        Served.Ran day = rebuild("--data", data.toString(), earlierDay);
        assertThat(day.out()).as(day.err()).isEqualTo("rows\t600\n");
        Served.Ran equal = Served.command("lake", "verify", "--data", data.toString());
        assertThat(equal.exit()).as(equal.out()).isZero();
        try (var served = new Served(data, "")) {
            assertEqual(served, rows);
            served.sendAll(10, 11);
            served.assertLakeRows(rows + Served.POINTS);
            assertEqual(served, rows + Served.POINTS);
        }
    }

    @Test
    void whatTheLogLetGoWhileTheEngineStoodStillComesFromTheLake() throws Exception {
        OtlpBodies bulk = bodies(BULK_POINTS, Clock.system().nanos() - 3_600_000_000_000L);
        String small = "wal: {segment_size: 1MiB, segment_age_max: 1s, retain: {engine: 4MiB}}";
        try (var served = new Served(data, small)) {
            served.sendAll(0, 1);
            assertEqual(served, Served.POINTS);
            signalEngine("STOP");
            int bodies = 0;
            long known = served.json("/api/firn/v1/info").get("newest_cut").asLong();
            try {
                while (oldestCut(served) <= known + 1 || bodies < 100) {
                    assertThat(served.send(bulk.body(bodies++)).statusCode()).isEqualTo(200);
                    assertThat(bodies).isLessThan(1_000);
                }
            } finally {
                signalEngine("CONT");
            }
            long rows = Served.POINTS + (long) bodies * BULK_POINTS;
            served.assertLakeRows(rows);
            assertEqual(served, rows);
            assertThat(served.get("/metrics").body())
                    .containsPattern("firn_engine_catch_ups_total [1-9]");
        }
    }

    private static long oldestCut(Served served) {
        return served.json("/api/firn/v1/wal").get("cuts").get(0).get("sequence").asLong();
    }

    /// Whole: Java's own way cuts a long one.
    private static String commandLine(ProcessHandle process) {
        String pid = Long.toString(process.pid());
        try (var output =
                new ProcessBuilder("ps", "-ww", "-o", "command=", "-p", pid)
                        .start()
                        .inputReader()) {
            return output.lines().collect(Collectors.joining());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void signalEngine(String signal) throws Exception {
        ProcessHandle engine =
                ProcessHandle.current()
                        .descendants()
                        .filter(process -> commandLine(process).contains("EngineMain"))
                        .findFirst()
                        .orElseThrow();
        assertThat(
                        new ProcessBuilder("kill", "-" + signal, Long.toString(engine.pid()))
                                .start()
                                .waitFor())
                .isZero();
    }
}

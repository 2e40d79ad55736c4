package dev.firn.receive.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.base.NioDisk;
import dev.firn.base.OwnMetrics;
import dev.firn.config.OtlpJsonFileReceiverConfig;
import dev.firn.model.Intake;
import dev.firn.receive.KeyedReceiver;
import dev.firn.receive.Receiver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OtlpJsonFileReceiverTest {
    @TempDir Path folder;
    private final List<String> taken = Collections.synchronizedList(new ArrayList<>());
    private final Map<Long, Long> answered = Collections.synchronizedMap(new HashMap<>());
    private volatile boolean overloaded;
    private OwnMetrics metrics = new OwnMetrics();
    private @Nullable OtlpJsonFileReceiver receiver;
    private long seed = 1;

    private KeyedReceiver.Taken take(
            Intake.RequestKey key, Receiver.Format format, byte[] body, int length, String sender) {
        assertThat(format).isEqualTo(Receiver.Format.JSON);
        if (overloaded) {
            throw new Intake.Overloaded(Intake.Overloaded.Cause.UNAVAILABLE, 1, "full");
        }
        String line = new String(body, 0, length, UTF_8);
        if (line.startsWith("bug")) {
            throw new IllegalStateException("a bug");
        }
        if (line.startsWith("broken")) {
            throw new Receiver.MalformedBody("no JSON");
        }
        assertThat(answered.getOrDefault(key.high(), 0L)).isLessThan(key.low());
        answered.put(key.high(), key.low());
        taken.add(line);
        return new KeyedReceiver.Taken(new Intake.Answer(1, ""), 2);
    }

    private long answeredUpTo(int source) {
        return answered.getOrDefault(Intake.RequestKey.position(source, 0).high(), 0L);
    }

    private static OtlpJsonFileReceiverConfig config(
            String include, boolean beginning, int lineBytesMax) {
        return new OtlpJsonFileReceiverConfig(
                List.of(include), List.of(), beginning, 5_000_000, 1_000, lineBytesMax, 100);
    }

    private void start(String glob) {
        start(config(folder + "/" + glob, true, 1 << 20));
    }

    private void start(OtlpJsonFileReceiverConfig config) {
        metrics = new OwnMetrics();
        receiver =
                new OtlpJsonFileReceiver(
                        "otlpjsonfile/a",
                        config,
                        folder.resolve("data"),
                        this::take,
                        this::answeredUpTo,
                        new NioDisk(),
                        new Random(seed++),
                        metrics,
                        Clock.system());
    }

    @AfterEach
    void stop() {
        if (receiver != null) {
            receiver.close();
            receiver = null;
        }
    }

    private void append(String file, String text) throws IOException {
        Files.writeString(
                folder.resolve(file), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private void taken(String... lines) {
        await(() -> taken.size() >= lines.length);
        assertThat(taken).containsExactly(lines);
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + 15_000_000_000L;
        while (!condition.getAsBoolean() && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(5_000_000);
        }
    }

    private double metric(String sample) {
        return new String(metrics.page(), UTF_8)
                .lines()
                .filter(line -> line.startsWith(sample))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void linesAreTakenInOrderAndAPartialOneWaits() throws Exception {
        append("m.jsonl", "one\ntwo\r\n\nthr");
        start("m.jsonl");
        taken("one", "two");
        append("m.jsonl", "ee\nfour\n");
        taken("one", "two", "three", "four");
        await(() -> metric("firn_receive_file_lag_bytes") == 0);
        assertThat(metric("otelcol_receiver_accepted_metric_points_total{")).isEqualTo(8);
        assertThat(metric("otelcol_receiver_refused_metric_points_total{")).isEqualTo(4);
        assertThat(metric("firn_receive_file_lag_bytes")).isZero();
    }

    @Test
    void equalLinesAreLinesOfTheirOwn() throws Exception {
        append("m.jsonl", "same\nsame\nsame\n");
        start("m.jsonl");
        taken("same", "same", "same");
        stop();
        append("m.jsonl", "same\n");
        start("m.jsonl");
        taken("same", "same", "same", "same");
    }

    @Test
    void aRestartGoesOnWhereItStopped() throws Exception {
        append("m.jsonl", "one\ntwo\n");
        start("m.jsonl");
        taken("one", "two");
        stop();
        append("m.jsonl", "three\n");
        append("n.jsonl", "other\n");
        start(config(folder + "/*.jsonl", false, 1 << 20));
        await(() -> taken.size() == 4);
        assertThat(taken).containsExactlyInAnyOrder("one", "two", "three", "other");
    }

    @Test
    void theLogKnowsMoreThanTheFileOfPositions() throws Exception {
        append("m.jsonl", "one\n");
        start("m.jsonl");
        taken("one");
        stop();
        Path positions = folder.resolve("data/receive/otlpjsonfile_a.json");
        byte[] old = Files.readAllBytes(positions);
        append("m.jsonl", "two\nthree\n");
        start("m.jsonl");
        taken("one", "two", "three");
        stop();
        Files.write(positions, old); // as a kill may leave it
        append("m.jsonl", "four\n");
        start("m.jsonl");
        taken("one", "two", "three", "four");
    }

    @Test
    void startAtEndLeavesOldLinesButTakesTheUnfinishedOne() throws Exception {
        append("m.jsonl", "one\ntwo\nthr");
        start(config(folder + "/m.jsonl", false, 1 << 20));
        await(() -> metric("firn_receive_file_open_files") == 1);
        append("m.jsonl", "ee\nfour\n");
        taken("three", "four");
    }

    @Test
    void aRenamedFileIsReadToItsEnd() throws Exception {
        append("m.jsonl", "one\n");
        start("m.jsonl");
        taken("one");
        Files.move(folder.resolve("m.jsonl"), folder.resolve("m.1"));
        append("m.1", "two\n");
        append("m.jsonl", "three\n");
        await(() -> taken.size() == 3);
        append("m.1", "late\n");
        await(() -> taken.size() == 4);
        assertThat(taken).containsExactlyInAnyOrder("one", "two", "three", "late");
    }

    @Test
    void aFileRenamedWhileFirnWasDownIsReadToItsEnd() throws Exception {
        append("m.jsonl", "one\n");
        start("m.jsonl");
        taken("one");
        stop();
        append("m.jsonl", "two\n");
        Files.move(folder.resolve("m.jsonl"), folder.resolve("m-2026.jsonl"));
        append("m.jsonl", "three\nnew\n");
        start("m.jsonl");
        await(() -> taken.size() >= 4);
        assertThat(taken).containsExactly("one", "two", "three", "new");
    }

    @Test
    void backupsThatTheGlobMatchesAreNotReadAgain() throws Exception {
        start("m*.jsonl");
        var wanted = new ArrayList<String>();
        for (int i = 0; i < 20; i++) {
            append("m.jsonl", "line " + i + " 1\nline " + i + " 2\n");
            wanted.addAll(List.of("line " + i + " 1", "line " + i + " 2"));
            if (i % 3 == 2) {
                Files.move(folder.resolve("m.jsonl"), folder.resolve("m-" + i + ".jsonl"));
            }
            if (i % 5 == 4) {
                stop();
                start("m*.jsonl");
            }
        }
        await(() -> taken.size() >= wanted.size());
        assertThat(taken).containsExactlyInAnyOrderElementsOf(wanted);
    }

    @Test
    void aFileThatWasEmptiedIsReadAnew() throws Exception {
        append("m.jsonl", "one\ntwo\n");
        start("m.jsonl");
        taken("one", "two");
        Files.writeString(folder.resolve("m.jsonl"), "ONE\nTWO\nthree\n"); // longer, in place
        taken("one", "two", "ONE", "TWO", "three");
        Files.writeString(folder.resolve("m.jsonl"), "");
        await(() -> metric("firn_receive_file_truncations_total") == 2);
        append("m.jsonl", "four\n");
        taken("one", "two", "ONE", "TWO", "three", "four");
    }

    @Test
    void aCopyIsKnownAndItsRestIsRead() throws Exception {
        append("m.jsonl", "one\ntwo\n");
        start("m*");
        taken("one", "two");
        stop();
        append("m.jsonl", "three\n");
        Files.copy(folder.resolve("m.jsonl"), folder.resolve("m.1"));
        Files.writeString(folder.resolve("m.jsonl"), "");
        append("m.jsonl", "four\n");
        start("m*");
        await(() -> taken.size() >= 4);
        assertThat(taken).containsExactlyInAnyOrder("one", "two", "three", "four");
    }

    @Test
    void aBrokenLineIsKeptAndPassedOver() throws Exception {
        append("m.jsonl", "one\nbroken {\nbug\ntwo\n");
        start("m.jsonl");
        taken("one", "two");
        assertThat(metric("firn_receive_file_broken_lines_total")).isEqualTo(2);
        try (var kept = Files.list(folder.resolve("data/quarantine/otlpjsonfile/otlpjsonfile_a"))) {
            List<Path> files = kept.sorted().toList();
            assertThat(files).hasSize(2);
            assertThat(Files.readAllLines(files.get(1)))
                    .containsExactly(
                            "{\"file\":\""
                                    + folder
                                    + "/m.jsonl\",\"offset\":4,"
                                    + "\"reason\":\"no JSON\"}",
                            "broken {");
        }
    }

    @Test
    void aLineThatIsTooLongIsPassedOver() throws Exception {
        String fits = "x".repeat(2_000);
        append("m.jsonl", "one\n" + "y".repeat(2_001) + "\n" + fits + "\n" + "z".repeat(9_000));
        start(config(folder + "/m.jsonl", true, 2_000));
        taken("one", fits);
        await(() -> metric("firn_receive_file_broken_lines_total") == 2);
        append("m.jsonl", "z".repeat(9_000) + "\ntwo\n");
        taken("one", fits, "two");
        assertThat(metric("firn_receive_file_broken_lines_total")).isEqualTo(2);
    }

    @Test
    void anOverloadedLogGetsTheSameLineAgain() throws Exception {
        overloaded = true;
        append("m.jsonl", "one\ntwo\n");
        start("m.jsonl");
        await(() -> metric("firn_receive_file_waits_total") >= 2);
        assertThat(taken).isEmpty();
        stop();
        start("m.jsonl");
        overloaded = false;
        taken("one", "two");
    }

    @Test
    void compressedBackupsAndExcludedFilesAreLeftAlone() throws Exception {
        Files.write(folder.resolve("m.1.gz"), new byte[] {0x1f, (byte) 0x8b, 8, 0, '\n'});
        Files.write(folder.resolve("m.2"), new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, '\n'});
        append("m.old", "old\n");
        append("m.jsonl", "one\n");
        start(
                new OtlpJsonFileReceiverConfig(
                        List.of(folder + "/**/m*", folder + "/m*"),
                        List.of(folder + "/*.old"),
                        true,
                        5_000_000,
                        1_000,
                        1 << 20,
                        100));
        taken("one");
        await(() -> metric("firn_receive_file_skipped_files") == 2);
        assertThat(metric("firn_receive_file_skipped_files")).isEqualTo(2);
    }
}

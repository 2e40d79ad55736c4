package dev.firn.ops.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.engine.child.EngineConfig;
import dev.firn.engine.child.EngineLibrary;
import dev.firn.engine.child.EngineProcess;
import dev.firn.engine.child.QueryLimits;
import dev.firn.query.promql.script.Script;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The scripts under `src/test/promql` once more, what they load going through log and engine.
class StoredScriptsTest {
    @TempDir static Path folder;
    private static EngineStorage storage;

    @BeforeAll
    static void start() throws InterruptedException {
        storage =
                new EngineStorage(
                        folder,
                        new EngineConfig(
                                EngineLibrary.find(),
                                folder.resolve("engine"),
                                "127.0.0.1",
                                0,
                                EngineProcess.newSecret(),
                                2L << 30,
                                "otel_metrics",
                                QueryLimits.within(1L << 30)));
    }

    @AfterAll
    static void stop() {
        storage.close();
    }

    static List<Path> scripts() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/test/promql"))) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void everyQueryComesOutAsTold(Path script) throws IOException {
        List<Script.Case> cases = Script.run(Files.readString(script), storage);
        assertThat(cases).hasSizeGreaterThan(5);
        assertThat(cases.stream().filter(each -> !each.passed())).isEmpty();
    }

    @Test
    void aLaterLoadWinsAndWhatWasClearedIsGone() {
        String script =
                """
                load 1m
                  x{a="b"} 1 2 3

                load 1m
                  x{a="b"} 1 7 3
                  y 1 stale 2

                eval range from 0 to 2m step 1m x
                  x{a="b"} 1 7 3

                eval range from 0 to 2m step 1m y
                  y 1 _ 2

                clear

                load 1m
                  y 5

                eval instant at 0 {__name__=~".+"}
                  y 5
                """;
        List<Script.Case> cases = Script.run(script, storage);
        assertThat(cases).hasSize(3);
        assertThat(cases.stream().filter(each -> !each.passed())).isEmpty();
    }

    @Test
    void wrongAnswersFail() {
        String script =
                """
                load 1m
                  x 1 2 3

                eval instant at 1m x
                  x 3
                """;
        assertThat(Script.run(script, storage).getFirst().failure()).contains("expected 3");
    }
}

package dev.firn.query.promql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.query.promql.script.Script;
import dev.firn.query.promql.script.ScriptException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Runs the scripts under `src/test/promql`, and holds the runner itself against answers that are
/// wrong.
class ScriptsTest {
    static List<Path> scripts() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/test/promql"))) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void everyQueryComesOutAsTold(Path script) throws IOException {
        List<Script.Case> cases = Script.run(Files.readString(script));
        assertThat(cases).hasSizeGreaterThan(5);
        assertThat(cases.stream().filter(each -> !each.passed())).isEmpty();
    }

    private static String failure(String expected) {
        String script = "load 1m\n  x_total 1 2 3\n  y{a=\"b\"} 4\n\n" + expected;
        List<Script.Case> cases = Script.run(script);
        assertThat(cases).hasSize(1);
        return cases.getFirst().failure();
    }

    @Test
    void wrongAnswersFail() {
        assertThat(failure("eval instant at 1m x_total\n  x_total 2\n")).isEmpty();
        assertThat(failure("eval instant at 1m x_total\n  x_total 3\n")).contains("expected 3");
        assertThat(failure("eval instant at 1m x_total\n")).contains("unexpected metric");
        assertThat(failure("eval instant at 1m z\n  z 1\n")).contains("not found");
        assertThat(failure("eval instant at 1m 1 + 1\n  3\n")).contains("expected scalar 3");
        assertThat(failure("eval instant at 1m x_total\n  expect fail\n")).contains("got none");
        assertThat(failure("eval instant at 1m x_total\n  expect warn\n  x_total 2\n"))
                .contains("expected warn");
        assertThat(failure("eval instant at 1m rate(y[5m])\n  expect info\n")).isNotEmpty();
        assertThat(failure("eval range from 0 to 2m step 1m x_total\n  x_total 1 2 4\n"))
                .contains("expected 4");
        assertThat(failure("eval range from 0 to 2m step 1m x_total\n  x_total 1 2\n"))
                .contains("expected 2 float points");
        assertThat(failure("eval_fail instant at 1m x_total\n")).contains("got none");
        assertThat(
                        failure(
                                "eval instant at 1m sort({__name__=~\".+\"})\n  expect ordered\n"
                                        + "  y{a=\"b\"} 4\n  x_total 2\n"))
                .contains("position");
    }

    @Test
    void badScriptsNameTheirLine() {
        assertThatThrownBy(() -> Script.run("load 1m\n  x 1 2 three\n"))
                .isInstanceOf(ScriptException.class)
                .hasMessageContaining("line 2")
                .hasMessageContaining("three");
        assertThatThrownBy(() -> Script.run("\nevil instant\n"))
                .isInstanceOf(ScriptException.class)
                .hasMessageContaining("line 2: invalid command");
    }
}

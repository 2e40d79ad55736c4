package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.engine.child.EngineLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The command line as a user meets it: help, wrong use, a running Firn and a stopped one.
class CommandsTest {
    @TempDir Path folder;

    private String file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "serve",
                "demo",
                "check",
                "config",
                "config default",
                "sql",
                "load",
                "lake",
                "lake ls",
                "lake verify",
                "lake plan",
                "lake diff",
                "lake rebuild-engine",
                "promql",
                "query",
                "promql conformance",
                "promql format",
                "promql lint",
                "rules",
                "rules check",
                "rules replay",
                "rules test",
                "slo",
                "slo list",
                "slo show",
                "slo define",
                "slo remove",
                "slo check",
                "slo import",
                "slo export",
                "alerts",
                "alerts list",
                "alerts silence",
                "alerts silences",
                "alerts test",
                "alerts unsilence",
                "anomaly",
                "anomaly list",
                "anomaly mark",
                "anomaly unmark",
                "forecast",
                "doctor",
                "health",
                "report",
                "report slo",
                "report quality",
                "report cost",
                "report capacity",
                "report daily",
                "wal",
                "wal ls",
                "wal verify",
                "wal retry",
                "engine",
                "engine ddl",
                "engine backup",
                "engine restore",
                "bench",
                "bench all",
                "bench ingest",
                "bench query",
                "bench storage",
                "bench analytics",
                "bench incidents",
                "version"
            })
    void everyCommandHelpsWithAnExample(String command) {
        Served.Ran ran = Served.command((command + " --help").split(" "));
        assertThat(ran.exit()).isZero();
        assertThat(ran.out()).contains("Example").contains("  firn " + command.split(" ")[0]);
        assertThat(ran.err()).isEmpty();
        // A broken example cannot be copied.
        assertThat(ran.out().lines().filter(line -> line.startsWith("  firn ")))
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line).doesNotEndWith(","))
                .allSatisfy(
                        line -> assertThat(line.chars().filter(c -> c == '"').count()).isEven());
    }

    @Test
    void noCommandIsMissingAbove() {
        Served.Ran ran = Served.command("--help");
        assertThat(ran.exit()).isZero();
        assertThat(
                        ran.out()
                                .lines()
                                .dropWhile(line -> !line.equals("Commands:"))
                                .skip(1)
                                .takeWhile(line -> line.startsWith("  "))
                                .filter(line -> !line.startsWith("   "))
                                .map(line -> line.strip().split(" ")[0]))
                .containsExactlyInAnyOrder(
                        "serve",
                        "demo",
                        "check",
                        "config",
                        "sql",
                        "query",
                        "promql",
                        "rules",
                        "load",
                        "lake",
                        "wal",
                        "engine",
                        "slo",
                        "alerts",
                        "anomaly",
                        "forecast",
                        "doctor",
                        "health",
                        "report",
                        "bench",
                        "version");
    }

    @Test
    void wrongUseEndsInTwoWithASuggestion() {
        Served.Ran command = Served.command("serv");
        assertThat(command.exit()).isEqualTo(2);
        assertThat(command.err()).contains("serv").contains("Did you mean").contains("serve");
        Served.Ran option = Served.command("serve", "--dato", "x");
        assertThat(option.exit()).isEqualTo(2);
        assertThat(option.err())
                .contains("--dato")
                .contains("Possible solutions")
                .contains("--data")
                .contains("firn serve --help");
        assertThat(Served.command().exit()).isEqualTo(2);
        assertThat(Served.command("sql", "--url", "a", "--data", "b", "SELECT 1").exit())
                .isEqualTo(2);
        assertThat(Served.command("wal", "ls", "--data", folder + "/none").exit()).isEqualTo(2);
    }

    @Test
    void checkSaysWhatIsWrong() throws IOException {
        String good = file("good.yaml", Served.config(""));
        assertThat(Served.command("check", good)).isEqualTo(new Served.Ran(0, "ok\n", ""));
        String bad = file("bad.yaml", Served.config("wal: {segment_sice: 64MiB}"));
        Served.Ran ran = Served.command("check", bad);
        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.err())
                .contains("bad.yaml:")
                .contains("wal.segment_sice")
                .contains("segment_size");
    }

    @Test
    void aRunningFirnIsFoundByUrlAndByData() {
        Path data = folder.resolve("data");
        try (var served = new Served(data, "")) {
            served.sendAll(0, 1);
            served.assertLakeRows(Served.POINTS);
            for (String[] where :
                    new String[][] {{"--url", served.running.url()}, {"--data", data.toString()}}) {
                assertThat(run("lake", "verify", where).exit()).isZero();
                assertThat(run("lake", "ls", where).out()).contains("points\t").contains("\t100\t");
                assertThat(run("wal", "verify", where).out()).startsWith("sound: ");
                assertThat(run("wal", "ls", where).out()).startsWith("writer\t");
                assertThat(run("wal", "retry", where).out()).isEqualTo("nothing is quarantined\n");
                Served.Ran counted =
                        Served.command(
                                "sql",
                                where[0],
                                where[1],
                                "-f",
                                "TSV",
                                "SELECT count() FROM samples");
                assertThat(counted).isEqualTo(new Served.Ran(0, Served.POINTS + "\n", ""));
                Served.Ran wrong = Served.command("sql", where[0], where[1], "SELECT nothing");
                assertThat(wrong.exit()).isEqualTo(1);
                assertThat(wrong.err()).contains("UNKNOWN_IDENTIFIER");
                assertThat(wrong.out()).isEmpty();
            }
        }
    }

    private static Served.Ran run(String command, String subcommand, String[] where) {
        Served.Ran ran = Served.command(command, subcommand, where[0], where[1]);
        assertThat(ran.err()).isEmpty();
        assertThat(ran.exit()).isZero();
        return ran;
    }

    @Test
    void aStoppedDirectoryIsOpenedForTheCommand() throws Exception {
        Path data = folder.resolve("data");
        String config = file("firn.yaml", Served.config(""));
        try (var served = new Served(data, "")) {
            served.sendAll(0, 2);
            Served.await(
                    () -> served.sql("SELECT count() FROM samples").equals("" + 2 * Served.POINTS));
        }
        String[] where = {"--data", data.toString()};
        assertThat(run("wal", "ls", where).out()).contains("sink\tlake").contains("sink\tengine");
        assertThat(run("wal", "verify", where).out()).startsWith("sound: ");
        assertThat(run("lake", "ls", where).out()).contains("\t200\t");
        Served.Ran verified =
                Served.command("lake", "verify", "--data", data.toString(), "--config", config);
        assertThat(verified.exit()).as("%s", verified).isZero();
        assertThat(verified.out()).startsWith("equal: ");
        Served.Ran counted =
                Served.process(
                        folder,
                        "sql",
                        "--data",
                        data.toString(),
                        "-f",
                        "TSV",
                        "SELECT count() FROM samples");
        assertThat(counted.exit()).as(counted.err()).isZero();
        assertThat(counted.out()).isEqualTo("200\n");
        assertThat(Served.process(folder, "sql", "--data", data.toString(), "SELECT x").exit())
                .isEqualTo(1);
        Served.Ran retry = Served.command("wal", "retry", "--data", data.toString());
        assertThat(retry.exit()).isEqualTo(2);
        assertThat(retry.err()).contains("no Firn runs there");
    }

    @Test
    void sqlOpensADirectoryAsTheConfigurationSays() throws Exception {
        Path data = folder.resolve("data");
        String text =
                Served.config(
                        "engine: {endpoint: \"127.0.0.1:0\", library: \"%s\", database: shop}"
                                .formatted(EngineLibrary.find()));
        String config = file("firn.yaml", text);
        try (var served = new Served(data, text.substring(text.indexOf("engine:")))) {
            served.sendAll(0, 1);
            Served.await(
                    () -> served.sql("SELECT count() FROM samples").equals("" + Served.POINTS));
        }
        String[] question = {
            "sql", "--data", data.toString(), "-f", "TSV", "SELECT count() FROM samples"
        };
        Served.Ran without = Served.process(folder, question);
        assertThat(without.exit()).isEqualTo(1);
        Served.Ran with =
                Served.process(
                        folder,
                        "sql",
                        "--config",
                        config,
                        "--data",
                        data.toString(),
                        "-f",
                        "TSV",
                        "SELECT count() FROM samples");
        assertThat(with).isEqualTo(new Served.Ran(0, Served.POINTS + "\n", with.err()));
        String wrong = file("wrong.yaml", text.replace(EngineLibrary.find().toString(), "/no/lib"));
        Served.Ran ran =
                Served.command("sql", "--config", wrong, "--data", data.toString(), "SELECT 1");
        assertThat(ran.exit()).isEqualTo(2);
        assertThat(ran.err()).contains("cannot find the engine library at \"/no/lib\"");
    }

    @Test
    void aDirectoryWithoutALakeIsLeftWithoutOne() throws IOException {
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertThat(Served.command("lake", "ls", "--data", empty.toString()).exit()).isEqualTo(2);
        assertThat(Served.command("lake", "verify", "--data", empty.toString()).exit())
                .isEqualTo(2);
        assertThat(Served.command("wal", "ls", "--data", empty.toString()).exit()).isEqualTo(2);
        assertThat(empty).isEmptyDirectory();
        assertThat(EngineLibrary.find()).exists();
    }
}

package dev.firn.cli;

import dev.firn.base.InputException;
import dev.firn.base.WorldException;
import dev.firn.ops.conformance.EngineStorage;
import dev.firn.query.promql.lang.Expr;
import dev.firn.query.promql.lang.Features;
import dev.firn.query.promql.lang.ParseException;
import dev.firn.query.promql.lang.Parser;
import dev.firn.query.promql.lang.Printer;
import dev.firn.query.promql.script.Script;
import dev.firn.query.promql.script.ScriptException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "promql",
        mixinStandardHelpOptions = true,
        description = "Work with PromQL expressions.",
        subcommands = {
            PromqlCommand.Format.class,
            PromqlCommand.Lint.class,
            PromqlCommand.Conformance.class
        },
        footer = {
            "",
            "Examples:",
            "  firn promql format 'sum by(job)(rate(x_total[5m]))'",
            "  firn promql lint 'rate(x_total)'",
            "  firn promql conformance prometheus/promql/promqltest/testdata"
        })
final class PromqlCommand {
    @Command(
            name = "format",
            mixinStandardHelpOptions = true,
            description = "Prints an expression as Prometheus' format_query does.",
            footer = {"", "Example:", "  firn promql format 'sum by(job)(rate(x_total[5m]))'"})
    static final class Format implements Callable<Integer> {
        @Parameters(paramLabel = "EXPR", description = "The expression.")
        private String expr = "";

        @Override
        public Integer call() {
            System.out.println(Printer.pretty(parse(expr)));
            return 0;
        }
    }

    @Command(
            name = "lint",
            mixinStandardHelpOptions = true,
            description =
                    "Checks an expression; exit 2 and a message with line and column if wrong.",
            footer = {"", "Example:", "  firn promql lint 'rate(x_total)'"})
    static final class Lint implements Callable<Integer> {
        @Parameters(paramLabel = "EXPR", description = "The expression.")
        private String expr = "";

        @Override
        public Integer call() {
            System.out.println("ok: " + parse(expr).type().documented());
            return 0;
        }
    }

    private static Expr parse(String expr) {
        try {
            return Parser.parse(expr, Features.ALL);
        } catch (ParseException e) {
            throw new InputException(String.valueOf(e.getMessage()));
        }
    }

    @Command(
            name = "conformance",
            mixinStandardHelpOptions = true,
            description = {
                "Runs scripts in Prometheus' test language (*.test in DIR, as published in its",
                "repository) and prints passed of total by file; exit 1 if any query came out",
                "otherwise."
            },
            footer = {
                "",
                "Examples:",
                "  firn promql conformance prometheus/promql/promqltest/testdata",
                "  firn promql conformance --storage engine prometheus/promql/promqltest/testdata"
            })
    static final class Conformance implements Callable<Integer> {
        @Parameters(paramLabel = "DIR", description = "Folder of scripts, or one script.")
        private Path folder = Path.of(".");

        @Option(
                names = "--failures",
                description = "Print each query that came out otherwise, and how.")
        private boolean failures;

        @Option(
                names = "--storage",
                defaultValue = "MEMORY",
                description = {
                    "memory, or engine: what scripts load goes through a log and an engine of its",
                    "own."
                })
        private Storage storage = Storage.MEMORY;

        @Mixin private final ConfigOption config = new ConfigOption();

        /// Where scripts' series are.
        enum Storage {
            MEMORY,
            ENGINE
        }

        @Override
        public Integer call() throws IOException, InterruptedException {
            if (storage == Storage.MEMORY) {
                return runAll(Script::run);
            }
            Path temporary = Files.createTempDirectory("firn-conformance");
            try (var stored =
                    new EngineStorage(
                            temporary, EngineAt.forCommand(temporary, config.read().engine()))) {
                int result = runAll(text -> Script.run(text, stored));
                System.out.println(
                        "samples without a form in OTLP, left out: " + stored.formless());
                return result;
            } finally {
                delete(temporary);
            }
        }

        private static void delete(Path folder) throws IOException {
            List<Path> paths;
            try (Stream<Path> all = Files.walk(folder)) {
                paths = all.sorted(Comparator.reverseOrder()).toList();
            }
            for (Path path : paths) {
                Files.deleteIfExists(path);
            }
        }

        private int runAll(Function<String, List<Script.Case>> runner) {
            long passed = 0;
            long total = 0;
            for (Path file : files()) {
                List<Script.Case> cases = run(file, runner);
                long good = cases.stream().filter(Script.Case::passed).count();
                System.out.printf("%-32s %5d of %5d%n", file.getFileName(), good, cases.size());
                if (failures) {
                    cases.stream().filter(each -> !each.passed()).forEach(Conformance::print);
                }
                passed += good;
                total += cases.size();
            }
            System.out.printf("%-32s %5d of %5d%n", "total", passed, total);
            return passed == total ? 0 : 1;
        }

        private static void print(Script.Case failed) {
            System.out.printf(
                    "  line %d: %s%n    %s%n", failed.line(), failed.query(), failed.failure());
        }

        private List<Path> files() {
            if (Files.isRegularFile(folder)) {
                return List.of(folder);
            }
            try (Stream<Path> all = Files.list(folder)) {
                List<Path> files =
                        all.filter(file -> file.toString().endsWith(".test")).sorted().toList();
                if (files.isEmpty()) {
                    throw new InputException(
                            "cannot run scripts of \"" + folder + "\": it holds no *.test file");
                }
                return files;
            } catch (IOException e) {
                throw new WorldException("cannot list \"" + folder + "\"", e);
            }
        }

        private static List<Script.Case> run(
                Path file, Function<String, List<Script.Case>> runner) {
            try {
                return runner.apply(Files.readString(file));
            } catch (IOException e) {
                throw new WorldException("cannot read \"" + file + "\"", e);
            } catch (ScriptException e) {
                throw new InputException("cannot run \"" + file + "\": " + e.getMessage());
            }
        }
    }
}

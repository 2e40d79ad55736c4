package dev.firn.cli;

import dev.firn.base.InputException;
import dev.firn.base.Reason;
import dev.firn.base.WorldException;
import dev.firn.config.Quantity;
import dev.firn.config.ReportConfig.Form;
import dev.firn.ops.bench.Suite;
import dev.firn.ops.report.Report;
import dev.firn.ops.report.ReportText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.DoubleConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What the benchmarks with the load generator have in common.
final class BenchOptions {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final int BAR_WIDTH = 40;

    @Option(
            names = "--history",
            paramLabel = "TIME",
            description =
                    "Of the shop, a step a minute, some 50,000 points an hour (default: ${DEFAULT-VALUE}).",
            defaultValue = "6h")
    private String history = "6h";

    @Option(
            names = "--repeats",
            paramLabel = "N",
            description = "Of each query, within ten seconds of it (default: ${DEFAULT-VALUE}).",
            defaultValue = "20")
    private int repeats = 20;

    @Option(
            names = {"-f", "--format"},
            paramLabel = "FORMAT",
            description = "text (default), markdown, html or json.")
    private Form form = Form.TEXT;

    @Option(
            names = "--results",
            paramLabel = "DIR",
            description =
                    "Compares with the newest run there, and keeps this one as JSON and Markdown.")
    private @Nullable Path results;

    int run(Set<Suite.Area> areas) throws IOException, InterruptedException {
        if (repeats < 1) {
            throw new InputException("--repeats: write 1 or more");
        }
        Path folder = Files.createTempDirectory("firn-bench");
        var clean = new Thread(() -> clean(folder));
        Runtime.getRuntime().addShutdownHook(clean);
        try {
            Report report =
                    Suite.run(
                            areas,
                            new Suite.Size(historyNanos(), repeats),
                            folder,
                            Version.current().firn(),
                            last(),
                            line -> System.err.println("firn: " + line),
                            bar());
            System.out.print(ReportText.of(report, form));
            keep(report);
            return 0;
        } finally {
            Runtime.getRuntime().removeShutdownHook(clean);
            delete(folder);
        }
    }

    /// A line that goes when all is done; a pipe or a file gets nothing.
    private static DoubleConsumer bar() {
        var console = System.console();
        if (console == null || !console.isTerminal()) {
            return _ -> {};
        }
        return share -> {
            System.err.print(Waiting.ERASE + (share < 1 ? "firn: " + bar(share) : ""));
            System.err.flush();
        };
    }

    /// @param share that is done, from 0 to 1
    static String bar(double share) {
        int full = (int) (share * BAR_WIDTH);
        return "[%s%s] %d %%"
                .formatted("#".repeat(full), ".".repeat(BAR_WIDTH - full), (int) (share * 100));
    }

    /// After Ctrl-C, too, nothing stays.
    private static void clean(Path folder) {
        try {
            for (ProcessHandle child : ProcessHandle.current().children().toList()) {
                child.destroy();
                child.onExit().get(20, TimeUnit.SECONDS);
            }
            delete(folder);
        } catch (IOException | ExecutionException | TimeoutException | InterruptedException e) {
            System.err.println("firn: \"" + folder + "\" is left behind: " + e);
        }
    }

    private long historyNanos() {
        try {
            return Quantity.nanos(history);
        } catch (IllegalArgumentException e) {
            throw new InputException("--history: " + e.getMessage());
        }
    }

    private Map<String, Double> last() throws IOException {
        var figures = new LinkedHashMap<String, Double>();
        if (results == null || !Files.isDirectory(results)) {
            return figures;
        }
        try (Stream<Path> files = Files.list(results)) {
            Optional<Path> newest =
                    files.filter(file -> file.getFileName().toString().matches("bench-.*\\.json"))
                            .max(Comparator.naturalOrder());
            if (newest.isEmpty()) {
                return figures;
            }
            for (JsonNode part : MAPPER.readTree(Files.readString(newest.get())).path("parts")) {
                if (part.path("title").asString("").equals(Suite.FIGURES)) {
                    for (JsonNode row : part.path("rows")) {
                        figures.put(row.path("figure").asString(), row.path("now").asDouble());
                    }
                }
            }
        }
        return figures;
    }

    private void keep(Report report) {
        if (results == null) {
            return;
        }
        try {
            Files.createDirectories(results);
            String name = "bench-" + report.at().replace(":", "");
            for (Form each : List.of(Form.JSON, Form.MARKDOWN)) {
                Files.writeString(
                        results.resolve(name + "." + each.ending()), ReportText.of(report, each));
            }
        } catch (IOException e) {
            throw new WorldException("cannot keep the results: " + Reason.of(e), e);
        }
    }

    static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}

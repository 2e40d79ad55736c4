package dev.firn.cli;

import dev.firn.base.InputException;
import dev.firn.base.WorldException;
import dev.firn.config.Quantity;
import dev.firn.lake.scan.AsOf;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "sql",
        mixinStandardHelpOptions = true,
        description = "Asks the engine a question in ClickHouse SQL (read-only).",
        footer = {
            "",
            "Examples:",
            "  firn sql \"SELECT metric_name, count() FROM series GROUP BY ALL ORDER BY 2 DESC\"",
            "  echo \"SELECT count() FROM samples\" | firn sql --format JSONEachRow -",
            "  firn sql --data /var/lib/firn --config firn.yaml \"SELECT count() FROM samples\"",
            "  firn sql --lake --stats \"SELECT count() FROM points WHERE time >= '2026-11-01'\"",
            "  firn sql --as-of 2026-11-26T10:00:00Z \"SELECT max(time) FROM points\""
        })
final class SqlCommand implements Callable<Integer> {
    @Mixin private final InstanceOption instance = new InstanceOption();
    @Mixin private final ConfigOption config = new ConfigOption();

    @Parameters(
            paramLabel = "QUERY",
            arity = "0..1",
            description = "The statement; - or nothing reads standard input.")
    private @Nullable String query;

    @Option(
            names = {"-f", "--format"},
            paramLabel = "FORMAT",
            description =
                    "A ClickHouse output format (default: PrettyCompact on a terminal, else TabSeparatedWithNames).")
    private @Nullable String format;

    @Option(
            names = "--lake",
            description = {
                "Ask the lake: tables points and series, and the views lake_points, lake_series",
                "and metric_parquet over them. Only files that the statement's conditions on time,",
                "metric, series, plane and the like do not exclude are opened."
            })
    private boolean lake;

    @Option(
            names = "--as-of",
            paramLabel = "STATE",
            description =
                    "Ask the lake as it was known at a time (UTC where no zone is named), in a snapshot, or at a tag.")
    private @Nullable String asOf;

    @Option(
            names = "--stats",
            description =
                    "With --lake: how many files were opened, of how many, on standard error.")
    private boolean stats;

    @Override
    public Integer call() throws IOException, InterruptedException {
        String statement = statement();
        if (lake || asOf != null) {
            return askLake(statement);
        }
        if (stats) {
            throw new InputException("--stats counts files of the lake: use it with --lake");
        }
        Optional<InstanceOption.Opened> opened = instance.open();
        if (opened.isEmpty()) {
            return print(
                    instance.remote()
                            .post(
                                    "/api/firn/v1/sql?format="
                                            + URLEncoder.encode(format(), StandardCharsets.UTF_8),
                                    statement));
        }
        var settings = config.read().engine();
        try (InstanceOption.Opened data = opened.get();
                EnginePlace engine = EnginePlace.forCommand(data.directory(), settings)) {
            // Firn's own engine knows it; a server does not.
            String database = settings.ownsChild() ? "" : "&database=" + settings.database();
            return print(
                    new Remote(engine.url())
                            .post("/?default_format=" + encode(format()) + database, statement));
        }
    }

    private int askLake(String statement) throws InterruptedException {
        Optional<InstanceOption.Opened> opened = instance.open();
        if (opened.isEmpty()) {
            String path =
                    "/api/firn/v1/lake/sql?format="
                            + encode(format())
                            + (asOf == null ? "" : "&as_of=" + encode(asOf));
            HttpResponse<InputStream> answer = instance.remote().post(path, statement);
            printStats(
                    answer.headers().firstValue("X-Firn-Lake-Files").orElse(""),
                    answer.headers().firstValue("X-Firn-Lake-Bytes").orElse("0"),
                    answer.headers().firstValue("X-Firn-Lake-Snapshot").orElse("none"));
            return print(answer);
        }
        try (InstanceOption.Opened data = opened.get();
                var local = LakeAt.open(data.directory(), config.read());
                var question =
                        local.questions()
                                .open(statement, asOf == null ? AsOf.NEWEST : AsOf.parse(asOf))) {
            var planned = question.planned();
            printStats(
                    planned.files().size() + "/" + planned.filesTotal(),
                    "" + planned.bytes(),
                    "" + planned.snapshot());
            return print(
                    new Remote(local.url())
                            .post(
                                    "/?default_format="
                                            + encode(format())
                                            + "&database="
                                            + question.database(),
                                    statement));
        }
    }

    private void printStats(String files, String bytes, String snapshot) {
        if (stats && !files.isEmpty()) {
            System.err.println(
                    "firn: files opened "
                            + files.replace("/", " of ")
                            + ", "
                            + Quantity.showBytes(Long.parseLong(bytes))
                            + ", snapshot "
                            + snapshot);
        }
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private String statement() throws IOException {
        String text =
                query == null || query.equals("-")
                        ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
                        : query;
        if (text.isBlank()) {
            throw new InputException(
                    "there is no query; write one as the argument or on standard input");
        }
        return text;
    }

    private String format() {
        if (format != null) {
            return format;
        }
        // JDK 22 and later give a console also when output is piped: ask whether it is a terminal.
        var console = System.console();
        return console != null && console.isTerminal() && query != null
                ? "PrettyCompact"
                : "TabSeparatedWithNames";
    }

    /// System.out swallows failures: a full disk or a closed pipe must not end as success, nor be
    /// read to the end for.
    private static int copy(InputStream body) throws IOException {
        var buffer = new byte[1 << 16];
        for (int length; (length = body.read(buffer)) >= 0; ) {
            System.out.write(buffer, 0, length);
            if (System.out.checkError()) {
                System.err.println(
                        "firn: cannot write the answer: standard output is closed or full");
                return 1;
            }
        }
        return System.out.checkError() ? 1 : 0;
    }

    private static int print(HttpResponse<InputStream> answer) {
        try (InputStream body = answer.body()) {
            if (answer.statusCode() == 200) {
                return copy(body);
            }
            System.err.println(
                    "firn: " + new String(body.readAllBytes(), StandardCharsets.UTF_8).strip());
            return 1;
        } catch (IOException e) {
            throw new WorldException("the answer broke off: " + e.getMessage(), e);
        }
    }
}

package dev.firn.cli;

import dev.firn.base.InputException;
import dev.firn.base.OwnMetrics;
import dev.firn.base.WorldException;
import dev.firn.engine.child.EngineProcess;
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
            "  firn sql --data /var/lib/firn --config firn.yaml \"SELECT count() FROM samples\""
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

    @Override
    public Integer call() throws IOException {
        String statement = statement();
        Optional<InstanceOption.Opened> opened = instance.open();
        if (opened.isEmpty()) {
            return print(
                    instance.remote()
                            .post(
                                    "/api/firn/v1/sql?format="
                                            + URLEncoder.encode(format(), StandardCharsets.UTF_8),
                                    statement));
        }
        try (InstanceOption.Opened data = opened.get();
                EngineProcess engine =
                        EngineProcess.start(
                                EngineAt.forCommand(data.directory(), config.read().engine()),
                                new OwnMetrics())) {
            return print(
                    new Remote(engine.url())
                            .post(
                                    "/?default_format="
                                            + URLEncoder.encode(format(), StandardCharsets.UTF_8),
                                    statement));
        }
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

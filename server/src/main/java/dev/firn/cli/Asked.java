package dev.firn.cli;

import dev.firn.base.OwnMetrics;
import dev.firn.base.WorldException;
import dev.firn.config.Config;
import dev.firn.engine.child.EngineProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Questions to the engine's views: of the Firn that runs, or of a data directory that none holds.
final class Asked {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private final BiFunction<String, String, HttpResponse<InputStream>> ask;

    private Asked(BiFunction<String, String, HttpResponse<InputStream>> ask) {
        this.ask = ask;
    }

    /// What asks.
    interface Questions {
        void ask(Asked asked);
    }

    /// Asks.
    static void of(InstanceOption instance, ConfigOption config, Questions questions)
            throws InterruptedException {
        Optional<InstanceOption.Opened> opened = instance.open();
        if (opened.isEmpty()) {
            Remote remote = instance.remote();
            questions.ask(
                    new Asked((sql, format) ->
                            remote.post("/api/firn/v1/sql?format=" + format, sql)));
            return;
        }
        Config read = config.read();
        try (InstanceOption.Opened data = opened.get();
                EngineProcess engine =
                        EngineProcess.start(
                                EngineAt.forCommand(data.directory(), read.engine()),
                                new OwnMetrics())) {
            var remote = new Remote(engine.url());
            questions.ask(
                    new Asked((sql, format) -> remote.post("/?default_format=" + format, sql)));
        }
    }

    /// Takes an answer's lines.
    interface Line {
        void take(String line) throws IOException;
    }

    /// Rows as JSON; none where the tables are not there yet.
    List<JsonNode> rows(String sql) {
        var rows = new ArrayList<JsonNode>();
        lines(sql, "JSONEachRow", line -> rows.add(MAPPER.readTree(line)));
        return rows;
    }

    /// An answer's lines; none where the tables are not there yet.
    void lines(String sql, String format, Line each) {
        read(
                sql,
                format,
                body -> {
                    var reader =
                            new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
                    for (String line; (line = reader.readLine()) != null; ) {
                        each.take(line);
                    }
                });
    }

    /// Copies an answer to standard output.
    void copy(String sql, String format) {
        copy(sql, format, System.out);
    }

    /// Copies an answer.
    void copy(String sql, String format, OutputStream to) {
        read(sql, format, body -> body.transferTo(to));
    }

    private interface Body {
        void take(InputStream body) throws IOException;
    }

    private void read(String sql, String format, Body with) {
        HttpResponse<InputStream> answer = ask.apply(sql, format);
        try (InputStream body = answer.body()) {
            if (answer.statusCode() == 200) {
                with.take(body);
                return;
            }
            String text = new String(body.readAllBytes(), StandardCharsets.UTF_8).strip();
            if (!text.contains("UNKNOWN_TABLE")) {
                throw new WorldException(text);
            }
        } catch (IOException e) {
            throw new WorldException("the answer broke off: " + e.getMessage(), e);
        }
    }
}

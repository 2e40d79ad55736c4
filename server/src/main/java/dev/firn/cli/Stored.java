package dev.firn.cli;

import dev.firn.base.OwnMetrics;
import dev.firn.base.WorldException;
import dev.firn.config.Config;
import dev.firn.engine.child.EngineProcess;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What analyses found: asked from the Firn that runs, or read from the engine of a data directory
/// that none holds.
final class Stored {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private Stored() {}

    /// An answer; no rows where nothing was evaluated yet.
    ///
    /// @param path of the running Firn's API
    /// @param list where in its answer the rows are
    /// @param sql the same rows from the engine: one column of JSON
    static List<JsonNode> rows(
            InstanceOption instance, ConfigOption config, String path, String list, String sql)
            throws InterruptedException {
        Optional<InstanceOption.Opened> opened = instance.open();
        var rows = new ArrayList<JsonNode>();
        if (opened.isEmpty()) {
            instance.remote().get(path).path(list).forEach(rows::add);
            return rows;
        }
        Config read = config.read();
        try (InstanceOption.Opened data = opened.get();
                EngineProcess engine =
                        EngineProcess.start(
                                EngineAt.forCommand(data.directory(), read.engine()),
                                new OwnMetrics())) {
            HttpResponse<InputStream> answer =
                    new Remote(engine.url()).post("/?default_format=JSONEachRow", sql);
            try (InputStream body = answer.body()) {
                String text = new String(body.readAllBytes(), StandardCharsets.UTF_8);
                if (answer.statusCode() != 200) {
                    if (!text.contains("UNKNOWN_TABLE")) {
                        throw new WorldException(text.strip());
                    }
                    System.err.println(
                            "firn: nothing was evaluated in \"" + data.directory() + "\" yet");
                    return rows;
                }
                text.lines()
                        .map(line -> MAPPER.readTree(line))
                        .forEach(row ->
                                rows.add(MAPPER.readTree(row.path("detail").asString("{}"))));
            } catch (IOException e) {
                throw new WorldException("the answer broke off: " + e.getMessage(), e);
            }
        }
        return rows;
    }
}

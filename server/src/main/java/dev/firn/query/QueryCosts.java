package dev.firn.query;

import dev.firn.engine.EngineClient;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What queries took in the embedded engine, as its front end counts it. A ClickHouse server of
/// one's own has no such front end.
public final class QueryCosts {
    private final EngineClient client;

    /// How far something was told.
    ///
    /// @param process the engine's; a new one begins anew
    public record Place(String process, long number) {
        /// Nothing yet.
        public static final Place NONE = new Place("", 0);
    }

    /// What a source's statements took for a metric.
    ///
    /// @param source user and source, as `default/grafana`
    /// @param metric `__unattributed__` of statements that name none, `__overhead__` of Firn's own
    /// @param bytes read, uncompressed
    public record Cost(String source, String metric, long micros, long bytes) {}

    /// A label of a metric that a source asked for; `*` are all.
    public record Use(String source, String metric, String label) {}

    /// All since a place, and the place that this leads to.
    public record Told(Place place, List<Cost> costs, List<Use> uses) {
        public Told {
            costs = List.copyOf(costs);
            uses = List.copyOf(uses);
        }
    }

    /// @param client as the internal user of an embedded engine
    public QueryCosts(EngineClient client) {
        this.client = client;
    }

    /// What came after a place, which is thereby given as written down.
    public Told after(Place place) throws InterruptedException {
        return told(client.ask("/firn/queries?id=" + place.process + "&number=" + place.number));
    }

    static Told told(String text) {
        var costs = new ArrayList<Cost>();
        var uses = new ArrayList<Use>();
        Place place = Place.NONE;
        for (String line : text.lines().toList()) {
            Map<String, String> fields = fields(line);
            String id = fields.get("id");
            String label = fields.get("label");
            if (id != null) {
                place = new Place(id, number(fields, "number"));
            } else if (label != null) {
                uses.add(
                        new Use(
                                fields.getOrDefault("source", ""),
                                fields.getOrDefault("metric", ""),
                                label));
            } else {
                costs.add(
                        new Cost(
                                fields.getOrDefault("source", ""),
                                fields.getOrDefault("metric", ""),
                                number(fields, "micros"),
                                number(fields, "bytes")));
            }
        }
        return new Told(place, costs, uses);
    }

    private static long number(Map<String, String> fields, String name) {
        return Long.parseLong(fields.getOrDefault(name, "0"));
    }

    private static Map<String, String> fields(String line) {
        var fields = new HashMap<String, String>();
        for (String pair : line.split("&")) {
            int sign = pair.indexOf('=');
            if (sign > 0) {
                fields.put(
                        pair.substring(0, sign),
                        URLDecoder.decode(pair.substring(sign + 1), StandardCharsets.UTF_8));
            }
        }
        return fields;
    }
}

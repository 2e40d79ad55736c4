package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.firn.base.Clock;
import dev.firn.ops.load.Fault;
import dev.firn.ops.load.LedgerSink;
import dev.firn.ops.load.Load;
import dev.firn.ops.load.LoadOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// What the API answers is what its description says, and no more.
class ContractTest {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final SchemaRegistry REGISTRY =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    @TempDir Path data;

    @Test
    void answersAreAsDescribed() throws Exception {
        long now = Clock.system().nanos();
        var seen = new ArrayList<String>();
        var all = new SoftAssertions();
        try (var served = new Served(data, "anomaly: {grace: 1s}")) {
            LoadOptions options =
                    LoadOptions.history(1, now - 2 * 3_600 * LoadOptions.SECOND, now).withRate(5);
            new Load(
                            options,
                            LedgerSink.none(),
                            body -> {
                                assertThat(served.send(body).statusCode()).isEqualTo(200);
                                return new dev.firn.ops.load.Answer.Accepted(0, "");
                            },
                            Fault::none,
                            Clock.system())
                    .run();
            Served.await(() -> !told(served, "slo").path("objectives").isEmpty());
            Served.await(() -> told(served, "quality").has("as_of"));
            JsonNode described = MAPPER.readTree(served.get("/api/firn/v1/openapi.json").body());
            for (var path : described.get("paths").properties()) {
                JsonNode schema =
                        path.getValue()
                                .at("/get/responses/200/content")
                                .path("application/json")
                                .path("schema");
                if (!schema.isMissingNode()) {
                    seen.add(path.getKey());
                    JsonNode answer = served.json(path.getKey() + parameters(path.getKey()));
                    all.assertThat(closed(schema, described).validate(answer))
                            .as("%s: %s", path.getKey(), answer)
                            .isEmpty();
                }
            }
        }
        assertThat(seen).hasSizeGreaterThan(15);
        all.assertAll();
    }

    private static JsonNode told(Served served, String what) {
        return served.json("/api/firn/v1/" + what);
    }

    /// Where a question is needed.
    private static String parameters(String path) {
        long now = Clock.system().millis() / 1_000;
        List<String> ranged = List.of("requests", "latencies");
        return ranged.stream().anyMatch(path::endsWith)
                ? "?by=service_name&from=%d&to=%d".formatted(now - 7_200, now)
                : "";
    }

    /// The schema with all it refers to, and with objects that have no fields but those named.
    private static Schema closed(JsonNode schema, JsonNode described) {
        ObjectNode whole = MAPPER.createObjectNode();
        whole.set("components", described.get("components").deepCopy());
        whole.putArray("allOf").add(schema.deepCopy());
        close(whole);
        return REGISTRY.getSchema(whole);
    }

    private static void close(JsonNode node) {
        if (node instanceof ObjectNode object
                && object.path("properties").isObject()
                && !object.has("additionalProperties")) {
            object.put("additionalProperties", false);
        }
        node.forEach(ContractTest::close);
    }
}

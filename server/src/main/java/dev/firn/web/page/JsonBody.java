package dev.firn.web.page;

import dev.firn.base.InputException;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The body of a request that changes what is kept for pages: a small JSON object.
final class JsonBody {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final int BYTES_MAX = 1 << 16;

    private JsonBody() {}

    /// @throws InputException when it is none
    static JsonNode read(ServerRequest request) {
        byte[] body;
        try (InputStream in = request.content().inputStream()) {
            body = in.readNBytes(BYTES_MAX + 1);
        } catch (IOException e) {
            throw new CloseConnectionException("the request broke off", e);
        }
        if (body.length > BYTES_MAX) {
            throw new InputException("a body may have " + BYTES_MAX + " bytes");
        }
        try {
            JsonNode node = MAPPER.readTree(body);
            if (node.isObject()) {
                return node;
            }
        } catch (JacksonException e) {
            throw new InputException("the body is no JSON: " + e.getOriginalMessage());
        }
        throw new InputException("the body is no JSON object like {\"name\": \"value\"}");
    }

    /// A field that may be missing.
    static Optional<String> text(JsonNode body, String name) {
        JsonNode value = body.path(name);
        if (value.isMissingNode()) {
            return Optional.empty();
        }
        if (!value.isString()) {
            throw new InputException(name + " is no text");
        }
        return Optional.of(value.asString());
    }
}

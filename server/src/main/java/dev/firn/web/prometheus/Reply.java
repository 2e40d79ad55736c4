package dev.firn.web.prometheus;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.json.JsonMapper;

/// Writes answers as they come, so that a large one is never whole in memory as text.
final class Reply {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final int GZIP_BUFFER = 1 << 13;

    private final ServerRequest request;
    private final ServerResponse response;

    Reply(ServerRequest request, ServerResponse response) {
        this.request = request;
        this.response = response;
    }

    /// A good answer.
    ///
    /// @param data writes one value
    void success(Consumer<JsonGenerator> data, List<String> warnings, List<String> infos) {
        write(
                200,
                out -> {
                    out.writeStringProperty("status", "success");
                    out.writeName("data");
                    data.accept(out);
                    texts(out, "warnings", warnings);
                    texts(out, "infos", infos);
                });
    }

    void success(Consumer<JsonGenerator> data) {
        success(data, List.of(), List.of());
    }

    private static void texts(JsonGenerator out, String name, List<String> texts) {
        if (!texts.isEmpty()) {
            out.writeName(name);
            out.writeStartArray();
            texts.forEach(out::writeString);
            out.writeEndArray();
        }
    }

    void failure(ApiFailure.Type type, String message) {
        write(
                type.status(),
                out -> {
                    out.writeStringProperty("status", "error");
                    out.writeStringProperty("errorType", type.text());
                    out.writeStringProperty("error", message);
                });
    }

    private void write(int status, Consumer<JsonGenerator> fields) {
        response.status(Status.create(status));
        response.header(HeaderNames.CONTENT_TYPE, "application/json");
        boolean zipped =
                request.headers()
                        .first(HeaderNames.ACCEPT_ENCODING)
                        .orElse("")
                        .toLowerCase(Locale.ROOT)
                        .contains("gzip");
        if (zipped) {
            response.header(HeaderNames.CONTENT_ENCODING, "gzip");
        }
        try {
            OutputStream raw = response.outputStream();
            OutputStream body = zipped ? new GZIPOutputStream(raw, GZIP_BUFFER) : raw;
            JsonGenerator out = MAPPER.createGenerator(body);
            out.writeStartObject();
            fields.accept(out);
            out.writeEndObject();
            out.close(); // closes the body; only here: what broke off must not look whole
        } catch (IOException | JacksonException e) {
            throw new CloseConnectionException("the answer broke off", e);
        }
    }
}

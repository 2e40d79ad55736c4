package dev.firn.web.page;

import dev.firn.base.InputException;
import dev.firn.config.LabelMatch;
import dev.firn.query.Annotations;
import dev.firn.query.Annotations.Annotation;
import dev.firn.query.Annotations.Kind;
import io.helidon.http.Header;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `/api/firn/v1/annotations`: what happened, for charts.
public final class AnnotationRoutes {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final Header JSON = HeaderValues.create("Content-Type", "application/json");
    private static final String PATH = "/api/firn/v1/annotations";
    private static final int BODY_BYTES_MAX = 1 << 16;
    private static final int MATCHERS_CHARS_MAX = 10_000;

    /// So many are answered, the newest.
    private static final int ROWS_MAX = 1_000;

    private final Annotations annotations;
    private final LongSupplier nowMillis;

    public AnnotationRoutes(Annotations annotations, LongSupplier nowMillis) {
        this.annotations = annotations;
        this.nowMillis = nowMillis;
    }

    /// Adds the routes.
    public void register(HttpRouting.Builder routing) {
        routing.get(PATH, this::list);
        routing.post(PATH, this::add);
        routing.delete(PATH + "/{id}", this::remove);
    }

    private void list(ServerRequest request, ServerResponse response) {
        String matchers = request.query().first("matchers").orElse("");
        if (matchers.length() > MATCHERS_CHARS_MAX) {
            throw new InputException(
                    "matchers are longer than " + MATCHERS_CHARS_MAX + " characters");
        }
        List<Annotation> found =
                annotations.find(
                        time(request.query().first("from").asOptional(), "from").orElse(0L),
                        time(request.query().first("to").asOptional(), "to").orElse(Long.MAX_VALUE),
                        matchers.lines()
                                .filter(line -> !line.isBlank())
                                .map(LabelMatch::parse)
                                .toList());
        json(
                response,
                Map.of(
                        "complete",
                        found.size() <= ROWS_MAX,
                        "annotations",
                        found.stream().limit(ROWS_MAX).map(AnnotationRoutes::view).toList()));
    }

    private static Map<String, Object> view(Annotation one) {
        var view = new LinkedHashMap<String, Object>();
        view.put("id", one.id());
        view.put("kind", one.kind().label());
        view.put("text", one.text());
        view.put("labels", new TreeMap<>(one.labels()));
        view.put("from", Instant.ofEpochMilli(one.from()).toString());
        view.put("to", Instant.ofEpochMilli(one.to()).toString());
        return view;
    }

    private void add(ServerRequest request, ServerResponse response) {
        JsonNode body = body(request);
        long now = nowMillis.getAsLong();
        long from = time(text(body, "from"), "from").orElse(now);
        var labels = new TreeMap<String, String>();
        JsonNode given = body.path("labels");
        if (!given.isMissingNode() && !given.isObject()) {
            throw new InputException("labels are no object of texts");
        }
        for (Map.Entry<String, JsonNode> label : given.properties()) {
            if (!label.getValue().isString()) {
                throw new InputException("label \"" + label.getKey() + "\" is no text");
            }
            labels.put(label.getKey(), label.getValue().asString());
        }
        long id =
                annotations.add(
                        new Annotation(
                                0,
                                Kind.parse(text(body, "kind").orElse("note")),
                                text(body, "text").orElse(""),
                                labels,
                                from,
                                time(text(body, "to"), "to").orElse(from),
                                now));
        response.status(Status.CREATED_201);
        json(response, Map.of("id", id));
    }

    private static JsonNode body(ServerRequest request) {
        byte[] body;
        try (InputStream in = request.content().inputStream()) {
            body = in.readNBytes(BODY_BYTES_MAX + 1);
        } catch (IOException e) {
            throw new CloseConnectionException("the request broke off", e);
        }
        if (body.length > BODY_BYTES_MAX) {
            throw new InputException("an annotation may have " + BODY_BYTES_MAX + " bytes");
        }
        try {
            JsonNode node = MAPPER.readTree(body);
            if (node.isObject()) {
                return node;
            }
        } catch (JacksonException e) {
            throw new InputException("the body is no JSON: " + e.getOriginalMessage());
        }
        throw new InputException("the body is no JSON object like {\"text\": \"checkout 1.4\"}");
    }

    private static Optional<String> text(JsonNode body, String name) {
        JsonNode value = body.path(name);
        if (value.isMissingNode()) {
            return Optional.empty();
        }
        if (!value.isString()) {
            throw new InputException(name + " is no text");
        }
        return Optional.of(value.asString());
    }

    private static Optional<Long> time(Optional<String> text, String name) {
        try {
            return text.map(Instant::parse).map(Instant::toEpochMilli);
        } catch (DateTimeParseException | ArithmeticException e) {
            throw new InputException(name + " is no time like 2026-11-01T12:00:00Z");
        }
    }

    private void remove(ServerRequest request, ServerResponse response) {
        String id = request.path().pathParameters().get("id");
        if (!id.matches("[0-9]{1,18}") || !annotations.remove(Long.parseLong(id))) {
            response.status(Status.NOT_FOUND_404);
            response.header(HeaderValues.create("Content-Type", "text/plain; charset=utf-8"));
            response.send(
                    "there is no annotation of this id\n"
                            .getBytes(java.nio.charset.StandardCharsets.UTF_8));
            return;
        }
        response.status(Status.NO_CONTENT_204).send();
    }

    private static void json(ServerResponse response, Object value) {
        response.header(JSON).send(MAPPER.writeValueAsBytes(value));
    }
}

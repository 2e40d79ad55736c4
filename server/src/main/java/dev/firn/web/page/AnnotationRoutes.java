package dev.firn.web.page;

import dev.firn.base.InputException;
import dev.firn.config.LabelMatch;
import dev.firn.query.Annotations;
import dev.firn.query.Annotations.Annotation;
import dev.firn.query.Annotations.Kind;
import io.helidon.http.Header;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `/api/firn/v1/annotations`: what happened, for charts.
public final class AnnotationRoutes {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final Header JSON = HeaderValues.create("Content-Type", "application/json");
    private static final String PATH = "/api/firn/v1/annotations";
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
        JsonNode body = JsonBody.read(request);
        long now = nowMillis.getAsLong();
        long from = time(JsonBody.text(body, "from"), "from").orElse(now);
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
                                Kind.parse(JsonBody.text(body, "kind").orElse("note")),
                                JsonBody.text(body, "text").orElse(""),
                                labels,
                                from,
                                time(JsonBody.text(body, "to"), "to").orElse(from),
                                now));
        response.status(Status.CREATED_201);
        json(response, Map.of("id", id));
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

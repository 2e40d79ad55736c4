package dev.firn.web.page;

import dev.firn.base.InputException;
import dev.firn.query.SavedViews;
import dev.firn.query.SavedViews.View;
import io.helidon.http.Header;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.LongSupplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `/api/firn/v1/views` and `/api/firn/v1/settings`: what people keep of the dashboard.
public final class ViewRoutes {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final Header JSON = HeaderValues.create("Content-Type", "application/json");
    private static final String VIEWS = "/api/firn/v1/views";
    private static final String SETTINGS = "/api/firn/v1/settings";

    private final SavedViews views;
    private final LongSupplier nowMillis;

    public ViewRoutes(SavedViews views, LongSupplier nowMillis) {
        this.views = views;
        this.nowMillis = nowMillis;
    }

    /// Adds the routes.
    public void register(HttpRouting.Builder routing) {
        routing.get(VIEWS, (request, response) -> list(response));
        routing.post(VIEWS, this::save);
        routing.delete(VIEWS, this::remove);
        routing.get(SETTINGS, (request, response) -> json(response, views.settings()));
        routing.post(SETTINGS, this::set);
    }

    private record Shown(String name, String address) {}

    private void list(ServerResponse response) {
        json(
                response,
                Map.of(
                        "views",
                        views.all().stream()
                                .map(view -> new Shown(view.name(), view.address()))
                                .toList()));
    }

    private void save(ServerRequest request, ServerResponse response) {
        JsonNode body = JsonBody.read(request);
        views.save(
                new View(
                        JsonBody.text(body, "name").orElse(""),
                        JsonBody.text(body, "address").orElse(""),
                        nowMillis.getAsLong()));
        response.status(Status.NO_CONTENT_204).send();
    }

    private void remove(ServerRequest request, ServerResponse response) {
        if (views.remove(request.query().first("name").orElse(""))) {
            response.status(Status.NO_CONTENT_204).send();
            return;
        }
        response.status(Status.NOT_FOUND_404);
        response.header(HeaderValues.create("Content-Type", "text/plain; charset=utf-8"));
        response.send("there is no view of this name\n".getBytes(StandardCharsets.UTF_8));
    }

    private void set(ServerRequest request, ServerResponse response) {
        JsonNode body = JsonBody.read(request);
        if (body.isEmpty()) {
            throw new InputException("the body names no setting");
        }
        for (Map.Entry<String, JsonNode> setting : body.properties()) {
            views.set(setting.getKey(), JsonBody.text(body, setting.getKey()).orElse(""));
        }
        json(response, views.settings());
    }

    private static void json(ServerResponse response, Object value) {
        response.header(JSON).send(MAPPER.writeValueAsBytes(value));
    }
}

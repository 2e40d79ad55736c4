package dev.firn.web;

import dev.firn.base.security.Authenticator;
import dev.firn.lake.serve.RestCatalog;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.Optional;

/// The lake's tables as an Iceberg REST catalog, below `/iceberg`, for who has the token.
final class IcebergRoutes {
    /// What a reader names as the catalog's URI is this behind the web address.
    static final String ROOT = "/iceberg";

    private final RestCatalog catalog;
    private final Authenticator readers;

    IcebergRoutes(Sources.Iceberg served) {
        this.catalog = served.catalog();
        this.readers = served.readers();
    }

    void register(HttpRouting.Builder routing) {
        routing.any(ROOT + "/*", this::answer);
    }

    private void answer(ServerRequest request, ServerResponse response) {
        Optional<String> refusal =
                readers.refusal(
                        name -> request.headers().first(HeaderNames.create(name)).orElse(null));
        if (refusal.isPresent()) {
            response.header(HeaderNames.WWW_AUTHENTICATE, readers.challenge());
            send(response, catalog.error(401, "NotAuthorizedException", refusal.get()));
            return;
        }
        String path = request.path().rawPath().substring(ROOT.length());
        send(
                response,
                catalog.answer(
                        request.prologue().method().text(),
                        path,
                        name -> request.query().first(name).orElse(null)));
    }

    private static void send(ServerResponse response, RestCatalog.Answer answer) {
        response.status(Status.create(answer.status()));
        if (answer.body().length > 0) {
            response.header(HeaderNames.CONTENT_TYPE, "application/json");
        }
        response.send(answer.body());
    }
}

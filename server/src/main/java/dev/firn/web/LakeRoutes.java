package dev.firn.web;

import dev.firn.base.InputException;
import dev.firn.lake.scan.AsOf;
import dev.firn.query.LakeQuestions;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/// Questions to the lake by SQL: `sql`, `plan` and `diff` below `/api/firn/v1/lake`.
final class LakeRoutes {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    /// Runs a statement in a database of the engine, for a source, and streams its answer.
    @FunctionalInterface
    interface Forward {
        void run(
                ServerRequest request,
                byte[] statement,
                String format,
                String database,
                ServerResponse response);
    }

    private final Optional<LakeQuestions> questions;
    private final Forward forward;

    LakeRoutes(Optional<LakeQuestions> questions, Forward forward) {
        this.questions = questions;
        this.forward = forward;
    }

    private interface Answer {
        void of(LakeQuestions lake) throws InterruptedException;
    }

    private void answer(ServerResponse response, Answer answer) {
        if (questions.isEmpty()) {
            fail(
                    response,
                    Status.NOT_FOUND_404,
                    "cannot answer: this Firn has no lake with an engine");
            return;
        }
        try {
            answer.of(questions.get());
        } catch (InputException e) {
            fail(response, Status.BAD_REQUEST_400, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CloseConnectionException("interrupted", e);
        }
    }

    void sql(ServerRequest request, byte[] statement, ServerResponse response) {
        answer(
                response,
                lake -> {
                    String text = new String(statement, StandardCharsets.UTF_8);
                    try (var opened = lake.open(text, asOf(request, "as_of"))) {
                        var planned = opened.planned();
                        response.header(
                                HeaderNames.create("X-Firn-Lake-Files"),
                                planned.files().size() + "/" + planned.filesTotal());
                        response.header(
                                HeaderNames.create("X-Firn-Lake-Snapshot"),
                                "" + planned.snapshot());
                        response.header(
                                HeaderNames.create("X-Firn-Lake-Bytes"), "" + planned.bytes());
                        String format =
                                request.query().first("format").orElse("TabSeparatedWithNames");
                        forward.run(request, statement, format, opened.database(), response);
                    }
                });
    }

    void plan(ServerRequest request, byte[] statement, ServerResponse response) {
        answer(
                response,
                lake ->
                        json(
                                response,
                                lake.plan(
                                        new String(statement, StandardCharsets.UTF_8),
                                        asOf(request, "as_of"))));
    }

    void diff(ServerRequest request, ServerResponse response) {
        answer(
                response,
                lake -> json(response, lake.diff(asOf(request, "from"), asOf(request, "to"))));
    }

    private static AsOf asOf(ServerRequest request, String name) {
        return request.query().first(name).map(AsOf::parse).orElse(AsOf.NEWEST);
    }

    private static void json(ServerResponse response, Object value) {
        response.header(HeaderNames.CONTENT_TYPE, "application/json");
        response.send(MAPPER.writeValueAsBytes(value));
    }

    private static void fail(ServerResponse response, Status status, String message) {
        response.status(status);
        response.header(HeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");
        response.send((message + "\n").getBytes(StandardCharsets.UTF_8));
    }
}

package dev.firn.web;

import dev.firn.base.InputException;
import dev.firn.base.WorldException;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/// `POST /api/firn/v1/<task>?name=value…`: runs a task and answers in lines of JSON: any number of
/// `{"progress":"…"}`, then `{"result":…}` or `{"error":"…","use":true|false}` (`use`: the asker's
/// mistake). Each runs once at a time.
final class Tasks {
    private static final Logger LOG = LoggerFactory.getLogger(Tasks.class);
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final long PROGRESS_NANOS = 500_000_000L;

    private final Map<String, Task> tasks;

    Tasks(Map<String, Task> tasks) {
        this.tasks = tasks;
    }

    void route(HttpRouting.Builder routing) {
        tasks.forEach((name, task) -> {
            var running = new ReentrantLock();
            routing.post(
                    "/api/firn/v1/" + name,
                    (request, response) -> answer(name, task, running, request, response));
        });
    }

    private static void answer(
            String name,
            Task task,
            ReentrantLock running,
            ServerRequest request,
            ServerResponse response) {
        if (!running.tryLock()) {
            response.status(Status.SERVICE_UNAVAILABLE_503);
            response.send("cannot start " + name + ": it is running already; try again later\n");
            return;
        }
        try {
            response.header(HeaderValues.create("Content-Type", "application/x-ndjson"));
            OutputStream out = response.outputStream();
            Map<String, Object> outcome = run(name, task, request, out);
            Guard.outcome(
                    request,
                    outcome.containsKey("error") ? "failed: " + outcome.get("error") : "done");
            line(out, outcome);
            out.close(); // only here: an answer that broke off must not look whole
        } catch (IOException e) {
            throw new CloseConnectionException("the answer broke off", e);
        } finally {
            running.unlock();
        }
    }

    private static Map<String, Object> run(
            String name, Task task, ServerRequest request, OutputStream out) {
        Map<String, String> parameters = WebServer.parameters(request);
        long[] last = {System.nanoTime()};
        try {
            Object result =
                    task.run(
                            parameters,
                            text -> {
                                if (System.nanoTime() - last[0] < PROGRESS_NANOS) {
                                    return;
                                }
                                last[0] = System.nanoTime();
                                try {
                                    line(out, Map.of("progress", text));
                                } catch (IOException e) {
                                    LOG.debug("nobody looks at {} any more", name);
                                }
                            });
            return Map.of("result", result);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Map.of("error", "interrupted by the shutdown; ask again", "use", false);
        } catch (RuntimeException e) {
            if (!(e instanceof InputException) && !(e instanceof WorldException)) {
                LOG.error("task {} failed", name, e);
            }
            return Map.of("error", WebServer.messageOf(e), "use", e instanceof InputException);
        }
    }

    private static void line(OutputStream out, Object value) throws IOException {
        out.write(MAPPER.writeValueAsBytes(value));
        out.write("\n".getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}

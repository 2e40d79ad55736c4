package dev.firn.web.page;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.base.security.Visible;
import dev.firn.receive.PlaneWatch;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.prometheus.metrics.core.metrics.Counter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// `GET /api/firn/v1/live`: what is newest, each second, as server-sent events. The first event has
/// all, each one after it what has changed. All streams have their events from one computation;
/// without a stream no event is made (requests are counted always, see [LiveRequests]).
public final class LiveFeed implements AutoCloseable {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final Header EVENTS = HeaderValues.create("Content-Type", "text/event-stream");
    private static final Header NOT_KEPT = HeaderValues.create("Cache-Control", "no-cache");
    private static final long EACH_NANOS = 1_000_000_000L;

    /// Points a second are those of so long.
    private static final long TOTALS_NANOS = 10 * EACH_NANOS;

    /// A browser tries again after so long.
    private static final int RETRY_MILLIS = 1_000;

    static final int STREAMS_MAX = 100;

    /// Of a stream. The browser then opens another one, if it still may.
    private static final long STREAM_NANOS = 300 * EACH_NANOS;

    private final PlaneWatch planes;
    private final LiveRequests requests;
    private final Supplier<Map<String, Object>> pipeline;
    private final Clock clock;
    private final AtomicInteger streams = new AtomicInteger();
    private final Counter refused;

    // guarded by this
    private List<PlaneWatch.Plane> shown = List.of();
    private boolean closed;
    private long number;
    private long madeAt;
    private long requestsSeen;
    private final ArrayDeque<Total> totals = new ArrayDeque<>();
    private Map<String, Object> figures = Map.of();
    private Event changes = new Event(0, false, List.of(), List.of(), new byte[0]);

    /// Points stored at a time, in ticks.
    private record Total(long at, long points) {}

    /// @param pipeline how far lake and engine are, as JSON-able values
    public LiveFeed(
            PlaneWatch planes,
            LiveRequests requests,
            Supplier<Map<String, Object>> pipeline,
            Clock clock,
            OwnMetrics metrics) {
        this.planes = planes;
        this.requests = requests;
        this.pipeline = pipeline;
        this.clock = clock;
        this.madeAt = clock.ticks() - EACH_NANOS;
        metrics.gauge("firn_web_live_streams", "Open streams of live events", streams::get);
        this.refused =
                metrics.counter(
                        "firn_web_live_refused",
                        "Streams of live events that were refused because too many were open.");
    }

    /// Adds the route.
    public void register(HttpRouting.Builder routing) {
        routing.get("/api/firn/v1/live", this::answer);
    }

    private void answer(ServerRequest request, ServerResponse response) {
        if (streams.incrementAndGet() > STREAMS_MAX) {
            streams.decrementAndGet();
            refused.inc();
            response.status(Status.SERVICE_UNAVAILABLE_503);
            response.header(HeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");
            response.send(
                    ("cannot open one more stream of live events: "
                                    + STREAMS_MAX
                                    + " are open; close a page, or ask again and again instead\n")
                            .getBytes(StandardCharsets.UTF_8));
            return;
        }
        try {
            response.header(EVENTS).header(NOT_KEPT);
            OutputStream out = response.outputStream();
            out.write(("retry: " + RETRY_MILLIS + "\n\n").getBytes(StandardCharsets.UTF_8));
            var visible = Visible.current();
            long seen = 0;
            long ends = clock.ticks() + STREAM_NANOS;
            for (Event next = next(seen); next != null && clock.ticks() < ends; next = next(seen)) {
                out.write(visible.all() ? next.bytes : held(next, visible));
                out.flush();
                seen = next.number;
            }
            out.close();
        } catch (IOException e) {
            throw new CloseConnectionException("nobody listens any more", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CloseConnectionException("interrupted", e);
        } finally {
            streams.decrementAndGet();
        }
    }

    /// @param windows newer than the event before, or all
    private record Event(
            long number,
            boolean whole,
            List<PlaneWatch.Plane> planes,
            List<LiveRequests.Window> windows,
            byte[] bytes) {}

    /// Without what tells of other environments.
    private byte[] held(Event event, Visible visible) {
        return bytes(
                event.whole,
                event.planes.stream().filter(one -> visible.sees(one.environment())).toList(),
                event.windows.stream()
                        .filter(one -> visible.sees(one.plane().environment()))
                        .toList(),
                Map.of());
    }

    /// Waits for what comes after an event; null once closed. Whoever is here first when it is time
    /// makes it for all; who comes new does not wait.
    private synchronized @Nullable Event next(long seen) throws InterruptedException {
        while (!closed) {
            long left = EACH_NANOS - (clock.ticks() - madeAt);
            if (left <= 0) {
                make();
                notifyAll();
            } else if (number == seen) {
                wait(left / 1_000_000 + 1);
                continue;
            }
            return seen > 0 && seen == number - 1 ? changes : event(true, shown, requests.after(0));
        }
        return null;
    }

    private void make() {
        madeAt = clock.ticks();
        number++;
        long points = 0;
        var changed = new ArrayList<PlaneWatch.Plane>();
        List<PlaneWatch.Plane> all = planes.planes();
        for (int i = 0; i < all.size(); i++) { // in the order in which they were met, for good
            points += all.get(i).points();
            if (i >= shown.size() || !shown.get(i).equals(all.get(i))) {
                changed.add(all.get(i));
            }
        }
        shown = all;
        figures = new LinkedHashMap<>(pipeline.get());
        totals.addLast(new Total(madeAt, points));
        // Those of a time in which nobody listened are as old as they are.
        while (totals.size() > 2 && madeAt - totals.getFirst().at > TOTALS_NANOS) {
            totals.removeFirst();
        }
        Total before = totals.getFirst();
        if (madeAt > before.at) {
            figures.put("points_per_second", (points - before.points) * 1e9 / (madeAt - before.at));
        }
        long change = requests.change();
        changes = event(false, changed, requests.after(requestsSeen));
        requestsSeen = change;
    }

    private Event event(
            boolean whole, List<PlaneWatch.Plane> changed, List<LiveRequests.Window> windows) {
        return new Event(number, whole, changed, windows, bytes(whole, changed, windows, figures));
    }

    private byte[] bytes(
            boolean whole,
            List<PlaneWatch.Plane> changed,
            List<LiveRequests.Window> windows,
            Map<String, Object> figures) {
        var event = new LinkedHashMap<String, Object>();
        event.put("whole", whole);
        event.put("now", clock.millis() / 1_000);
        event.put("since", requests.since());
        event.put("resolution", LiveRequests.SECONDS);
        event.put(
                "planes",
                changed.stream()
                        .map(plane ->
                                List.of(
                                        plane.environment(),
                                        plane.dataPlane(),
                                        plane.newestNanos() / 1_000_000_000))
                        .toList());
        event.put(
                "windows",
                windows.stream()
                        .map(window ->
                                List.of(
                                        window.start(),
                                        window.plane().environment(),
                                        window.plane().dataPlane(),
                                        window.requests(),
                                        window.errors()))
                        .toList());
        event.put("figures", figures);
        return ("data: " + MAPPER.writeValueAsString(event) + "\n\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    /// Ends all streams.
    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }
}

package dev.firn.receive;

import dev.firn.base.Browsers;
import dev.firn.base.security.Authenticator;
import dev.firn.base.security.ServerSecurity;
import dev.firn.model.Intake;
import io.helidon.common.buffers.DataReader;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Headers;
import io.helidon.http.HttpException;
import io.helidon.http.Method;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// Requests of OTLP/HTTP: checks the head, reads the body straight into a pooled array, stores it,
/// answers in the request's own encoding.
final class HttpExport {
    private static final String PATH = "/v1/metrics";
    private static final String PROTOBUF = "application/x-protobuf";
    private static final String JSON = "application/json";
    private static final HeaderName SEC_FETCH_SITE = HeaderNames.create("Sec-Fetch-Site");

    /// A body that claims a size gets that much at once up to here; then it must show its bytes.
    private static final int FIRST_ROOM_MAX = 1 << 18;

    private static final int DISCARD_ROOM = 1 << 14;

    private final Receiver receiver;
    private final Admission admission;
    private final ServerLimits limits;
    private final Browsers browsers;
    private final @Nullable Authenticator authenticator;
    private final Cors cors;

    HttpExport(
            InetSocketAddress address,
            Receiver receiver,
            Admission admission,
            @Nullable Authenticator authenticator,
            Cors cors) {
        this.browsers = Browsers.noPages(address, cors::allows);
        this.authenticator = authenticator;
        this.cors = cors;
        this.receiver = receiver;
        this.admission = admission;
        this.limits = admission.limits();
    }

    /// A refused body is read up to here, so that its sender sees the answer and not a reset
    /// connection, which it would take for a reason to retry.
    static long discardedBytesMax(ServerLimits limits) {
        return 2L * limits.httpBodyBytesMax();
    }

    void handle(ServerRequest request, ServerResponse response) {
        var arrival = new Arrival(Thread.currentThread());
        Future<?> deadline = admission.bodyDeadline(arrival::late);
        try {
            keepPagesOut(request.headers());
            cors.permit(request.headers(), response);
            if (cors.isPreflight(request)) {
                cors.preflight(request, response);
                admission.countHttp("204");
            } else {
                authenticate(request.headers());
                export(request, response, check(request), arrival);
            }
        } catch (Refusal e) {
            refuse(request, response, e, arrival);
        } catch (SenderGone e) {
            admission.countHttp("aborted");
            throw new CloseConnectionException("the sender is gone", e);
        } finally {
            arrival.done();
            deadline.cancel(false);
        }
        if (request.headers().containsToken(HeaderValues.CONNECTION_CLOSE)) {
            // Helidon says so in the answer, but would wait for another request.
            throw new CloseConnectionException("the sender asked for it");
        }
    }

    private void export(
            ServerRequest request,
            ServerResponse response,
            Receiver.Format format,
            Arrival arrival) {
        Compression compression =
                Compression.parse(header(request.headers(), HeaderNames.CONTENT_ENCODING));
        try (Body body = admission.buffers().open()) {
            read(request, body, arrival);
            arrival.done();
            var answer = store(request, format, compression, body);
            admission.countHttp("200");
            send(response, Status.OK_200, format, OtlpAnswers.success(format, answer));
        }
    }

    /// Takes a place only now that the body is there: a slow sender holds none.
    private Intake.Answer store(
            ServerRequest request, Receiver.Format format, Compression compression, Body body) {
        admission.enter();
        try {
            return admission.store(
                    receiver,
                    format,
                    body,
                    compression,
                    limits.decompressedBytesMax(),
                    "limits.request_bytes_max",
                    sender(request));
        } finally {
            admission.leave();
        }
    }

    private void keepPagesOut(Headers headers) {
        String why =
                browsers.refusal(
                                header(headers, HeaderNames.HOST),
                                header(headers, HeaderNames.ORIGIN),
                                header(headers, SEC_FETCH_SITE))
                        .orElse("");
        if (!why.isEmpty()) {
            throw Refusal.of(Refusal.Kind.FORBIDDEN, "cannot take the request: " + why);
        }
    }

    /// Before the body: who may not send does not fill memory.
    private void authenticate(Headers headers) {
        if (authenticator == null) {
            return;
        }
        String why = authenticator.refusal(ServerSecurity.in(headers)).orElse("");
        if (!why.isEmpty()) {
            throw Refusal.of(Refusal.Kind.UNAUTHENTICATED, "cannot take the request: " + why);
        }
    }

    private Receiver.Format check(ServerRequest request) {
        String path = request.prologue().uriPath().path();
        if (!path.equals(PATH)) {
            throw Refusal.of(
                    Refusal.Kind.NOT_FOUND,
                    "cannot take \""
                            + path
                            + "\": Firn keeps metrics only, at POST "
                            + PATH
                            + "; send other signals elsewhere");
        }
        if (!request.prologue().method().equals(Method.POST)) {
            throw Refusal.of(Refusal.Kind.WRONG_METHOD, PATH + " takes POST only");
        }
        return switch (mediaType(request.headers())) {
            case PROTOBUF -> Receiver.Format.PROTOBUF;
            case JSON -> Receiver.Format.JSON;
            default ->
                    throw Refusal.of(
                            Refusal.Kind.UNSUPPORTED,
                            "cannot read Content-Type \""
                                    + header(request.headers(), HeaderNames.CONTENT_TYPE)
                                    + "\"; send "
                                    + PROTOBUF
                                    + " or "
                                    + JSON);
        };
    }

    private void read(ServerRequest request, Body body, Arrival arrival) {
        int most = limits.httpBodyBytesMax();
        long claimed = request.headers().contentLength().orElse(0);
        if (claimed > most) {
            throw tooLarge(limits);
        }
        // one more than claimed: the last read then sees the end without growing
        body.ensure((int) Math.min(claimed, FIRST_ROOM_MAX) + 1);
        InputStream stream = arrival.stream(request);
        while (true) {
            body.grow(most + 1);
            int read = read(stream, arrival, body.bytes(), body.length(), body.room());
            if (read < 0) {
                return;
            }
            body.advance(read);
            if (body.length() > most) {
                throw tooLarge(limits);
            }
        }
    }

    /// The sender went away; nobody is left to answer.
    private static final class SenderGone extends RuntimeException {
        private static final long serialVersionUID = 1;

        SenderGone(Exception cause) {
            super(null, cause, false, false);
        }
    }

    private int read(InputStream stream, Arrival arrival, byte[] to, int offset, int length) {
        try {
            return stream.read(to, offset, length);
        } catch (RequestException e) {
            arrival.broken = true;
            throw refusal(e.status(), limits);
        } catch (HttpException e) {
            arrival.broken = true;
            throw refusal(e.status(), limits);
        } catch (IllegalArgumentException | DataReader.IncorrectNewLineException e) {
            arrival.broken = true;
            throw refusal(Status.BAD_REQUEST_400, limits);
        } catch (IOException | RuntimeException e) {
            throw new SenderGone(e);
        }
    }

    /// For what Helidon found wrong with a request.
    static Refusal refusal(Status status, ServerLimits limits) {
        if (status.code() == Status.REQUEST_ENTITY_TOO_LARGE_413.code()) {
            return tooLarge(limits);
        }
        if (status.family() == Status.Family.CLIENT_ERROR || status.code() == 501) {
            return Refusal.of(Refusal.Kind.MALFORMED, "the HTTP request is malformed");
        }
        return Refusal.retry(
                Refusal.Kind.UNAVAILABLE,
                limits.retryAfterSeconds(),
                "cannot take the request now; retry later");
    }

    private static Refusal tooLarge(ServerLimits limits) {
        return Refusal.limit(
                Refusal.Limit.BODY_BYTES,
                Refusal.Kind.TOO_LARGE,
                0,
                "cannot accept the body: it is larger than max_request_body_size "
                        + limits.httpBodyBytesMax()
                        + " bytes; send smaller batches, or raise that limit");
    }

    private void refuse(
            ServerRequest request, ServerResponse response, Refusal refusal, Arrival arrival) {
        boolean whole = discarded(request, arrival);
        if (!whole) {
            response.header(HeaderValues.CONNECTION_CLOSE);
        }
        arrival.done();
        admission.countRefused(refusal);
        int code = refusal.kind().httpStatus();
        admission.countHttp(Integer.toString(code));
        switch (refusal.kind()) {
            case UNAVAILABLE, EXHAUSTED ->
                    response.header(
                            HeaderNames.RETRY_AFTER, Integer.toString(refusal.retryAfterSeconds()));
            case UNAUTHENTICATED -> {
                if (authenticator != null) {
                    response.header(HeaderNames.WWW_AUTHENTICATE, authenticator.challenge());
                }
            }
            case WRONG_METHOD -> response.header(HeaderNames.ALLOW, "POST");
            case UNSUPPORTED -> response.header(HeaderNames.ACCEPT_ENCODING, Compression.ACCEPTED);
            case MALFORMED, FORBIDDEN, NOT_FOUND, TOO_LARGE -> {}
        }
        Receiver.Format format = answerFormat(request.headers());
        send(response, Status.create(code), format, OtlpAnswers.status(format, refusal));
        if (!whole) {
            // Helidon sends the header but goes on reading: the rest of this body would be taken
            // for the next request.
            throw new CloseConnectionException("a refused body was not read to its end");
        }
    }

    /// Reads the rest of the body to nowhere; false when there is still more, or when the sender
    /// waits with it for "100 Continue".
    private boolean discarded(ServerRequest request, Arrival arrival) {
        if (!request.content().hasEntity() || request.content().consumed()) {
            return true;
        }
        if (arrival.broken
                || !request.continueSent()
                || request.headers().contentLength().orElse(0) > discardedBytesMax(limits)) {
            return false;
        }
        byte[] nowhere = new byte[DISCARD_ROOM];
        try {
            InputStream stream = arrival.stream(request);
            long most = discardedBytesMax(limits);
            for (long seen = 0; seen <= most; ) {
                int read = read(stream, arrival, nowhere, 0, nowhere.length);
                if (read < 0) {
                    return true;
                }
                seen += read;
            }
            return false;
        } catch (Refusal e) {
            return false;
        }
    }

    private static void send(
            ServerResponse response, Status status, Receiver.Format format, byte[] entity) {
        response.status(status);
        response.header(HeaderNames.CONTENT_TYPE, mediaType(format));
        response.send(entity);
    }

    static String mediaType(Receiver.Format format) {
        return switch (format) {
            case PROTOBUF -> PROTOBUF;
            case JSON -> JSON;
        };
    }

    /// Protobuf to senders of protobuf, JSON to all others: a human may read it.
    static Receiver.Format answerFormat(Headers headers) {
        return mediaType(headers).equals(PROTOBUF)
                ? Receiver.Format.PROTOBUF
                : Receiver.Format.JSON;
    }

    /// The Content-Type without parameters; "" without one.
    private static String mediaType(Headers headers) {
        String type = header(headers, HeaderNames.CONTENT_TYPE);
        int end = type.indexOf(';');
        return (end < 0 ? type : type.substring(0, end)).strip().toLowerCase(Locale.ROOT);
    }

    private static String header(Headers headers, HeaderName name) {
        return headers.first(name).orElse("");
    }

    private static String sender(ServerRequest request) {
        return request.remotePeer().address() instanceof InetSocketAddress peer
                        && peer.getAddress() != null
                ? peer.getAddress().getHostAddress()
                : "";
    }

    /// Breaks off a body that comes too slowly: interrupting the thread closes its connection,
    /// which a sender takes for a reason to retry.
    private final class Arrival {
        private final Thread thread;
        private @Nullable InputStream stream;

        /// The framing is lost: nothing more can be read.
        private boolean broken;

        private boolean done;

        Arrival(Thread thread) {
            this.thread = thread;
        }

        /// The one stream of the request's body: Helidon gives it out once.
        InputStream stream(ServerRequest request) {
            InputStream known = stream;
            if (known == null) {
                known = request.content().inputStream();
                stream = known;
            }
            return known;
        }

        synchronized void done() {
            done = true;
        }

        synchronized void late() {
            if (!done) {
                done = true;
                admission.countRefused(
                        Refusal.limit(
                                Refusal.Limit.BODY_TIMEOUT,
                                Refusal.Kind.UNAVAILABLE,
                                limits.retryAfterSeconds(),
                                "limits.body_timeout"));
                thread.interrupt();
            }
        }
    }
}

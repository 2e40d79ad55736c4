package dev.firn.receive;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Throttle;
import dev.firn.model.Intake;
import io.prometheus.metrics.core.metrics.Counter;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What both servers share: the limits and who holds how much of them, the buffers, the own
/// metrics, and the one way from a body to the [Receiver] and its outcome. One a process; made
/// before the servers and closed after them.
public final class Admission implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Admission.class);
    private static final long LOG_SECONDS = 10;

    private final ServerLimits limits;
    private final BodyBuffers buffers;
    private final Semaphore permits;
    private final Decompressor decompressor;
    private final ScheduledThreadPoolExecutor timer;
    private final Throttle throttle;
    private final Counter httpRequests;
    private final Counter grpcRequests;
    private final Counter receivedBytes;
    private final Counter bodyBytes;
    private final Counter refused;
    private final Counter failures;

    /// Registers `firn_receive_*` in `metrics`. Memory is never short.
    public Admission(ServerLimits limits, OwnMetrics metrics, Clock clock) {
        this(limits, metrics, clock, () -> false);
    }

    /// Registers `firn_receive_*` in `metrics`.
    ///
    /// @param memoryIsShort whether what is decoded now would be refused for want of memory
    public Admission(
            ServerLimits limits, OwnMetrics metrics, Clock clock, BooleanSupplier memoryIsShort) {
        this.limits = limits;
        this.buffers = new BodyBuffers(limits, Runtime.getRuntime().maxMemory(), memoryIsShort);
        this.permits = new Semaphore(limits.concurrentRequestsMax());
        this.decompressor = new Decompressor();
        this.throttle = new Throttle(clock, LOG_SECONDS);
        this.timer =
                new ScheduledThreadPoolExecutor(
                        1, Thread.ofPlatform().name("firn-receive-timer").daemon().factory());
        timer.setRemoveOnCancelPolicy(true);
        httpRequests =
                metrics.counter(
                        "firn_receive_http_requests",
                        "OTLP/HTTP requests by status; \"aborted\" had no answer",
                        "code");
        grpcRequests =
                metrics.counter("firn_receive_grpc_requests", "OTLP/gRPC calls by status", "code");
        receivedBytes =
                metrics.counter("firn_receive_wire_bytes", "bytes of bodies as they were sent");
        bodyBytes =
                metrics.counter("firn_receive_body_bytes", "bytes of bodies after decompression");
        refused =
                metrics.counter(
                        "firn_receive_refused", "requests that a limit of ours refused", "limit");
        failures =
                metrics.counter(
                        "firn_receive_failures", "requests that failed through a bug of ours");
        metrics.gauge(
                "firn_receive_inflight_bytes",
                "bytes of buffers held by requests in flight",
                buffers::inflightBytes);
        metrics.gauge(
                "firn_receive_inflight_requests",
                "requests being decoded or stored",
                () -> limits.concurrentRequestsMax() - permits.availablePermits());
        for (Refusal.Limit limit : Refusal.Limit.values()) {
            refused.labelValues(limit.label()).inc(0);
        }
    }

    /// The same limits and buffers, for a receiver with a limit of its own for bodies.
    private Admission(Admission shared, ServerLimits limits) {
        this.limits = limits;
        this.buffers = shared.buffers;
        this.permits = shared.permits;
        this.decompressor = shared.decompressor;
        this.timer = shared.timer;
        this.throttle = shared.throttle;
        this.httpRequests = shared.httpRequests;
        this.grpcRequests = shared.grpcRequests;
        this.receivedBytes = shared.receivedBytes;
        this.bodyBytes = shared.bodyBytes;
        this.refused = shared.refused;
        this.failures = shared.failures;
    }

    /// For an HTTP receiver whose bodies may have `bytesMax`, everything else being shared; it is
    /// not to be closed.
    public Admission withHttpBodies(long bytesMax) {
        return new Admission(this, limits.withBodies(bytesMax, limits.grpcMessageBytesMax()));
    }

    /// For a gRPC receiver whose messages may have `bytesMax`, everything else being shared; it is
    /// not to be closed.
    public Admission withGrpcMessages(long bytesMax) {
        return new Admission(this, limits.withBodies(limits.httpBodyBytesMax(), bytesMax));
    }

    ServerLimits limits() {
        return limits;
    }

    BodyBuffers buffers() {
        return buffers;
    }

    /// Takes one of the places for concurrent requests; [#leave] gives it back.
    ///
    /// @throws Refusal EXHAUSTED
    void enter() {
        if (!permits.tryAcquire()) {
            throw Refusal.limit(
                    Refusal.Limit.CONCURRENT_REQUESTS,
                    Refusal.Kind.EXHAUSTED,
                    limits.retryAfterSeconds(),
                    "cannot take the request now: limits.requests_max "
                            + limits.concurrentRequestsMax()
                            + " is reached; retry later, or raise that limit");
        }
    }

    void leave() {
        permits.release();
    }

    /// Runs `late` when a body has not arrived in time; cancel it when it has.
    ScheduledFuture<?> bodyDeadline(Runnable late) {
        return timer.schedule(late, limits.bodyTimeoutMillis(), TimeUnit.MILLISECONDS);
    }

    /// Decompresses if need be and lets `receiver` store. Every failure becomes a [Refusal]: an
    /// unexpected one is logged and answered as retryable, because senders throw away what fails
    /// with 500 or INTERNAL.
    ///
    /// @throws Refusal whatever is to be said to the sender instead of an answer
    Intake.Answer store(
            Receiver receiver,
            Receiver.Format format,
            Body body,
            Compression compression,
            int decompressedMax,
            String limitName,
            String sender) {
        receivedBytes.inc(body.length());
        try (Body content = buffers.open()) {
            Body plain = body;
            if (compression != Compression.IDENTITY) {
                decompressor.decompress(compression, body, content, decompressedMax, limitName);
                body.close();
                plain = content;
            }
            bodyBytes.inc(plain.length());
            return receiver.receive(format, plain.bytes(), plain.length(), sender);
        } catch (RuntimeException | Error e) {
            throw refusal(e);
        }
    }

    /// What is said to the sender about `thrown`.
    Refusal refusal(Throwable thrown) {
        return switch (thrown) {
            case Refusal refusal -> refusal;
            case Receiver.MalformedBody malformed ->
                    Refusal.of(
                            Refusal.Kind.MALFORMED,
                            "cannot read the request: " + malformed.getMessage());
            case Intake.Overloaded overloaded ->
                    Refusal.retry(
                            switch (overloaded.reason()) {
                                case UNAVAILABLE -> Refusal.Kind.UNAVAILABLE;
                                case EXHAUSTED -> Refusal.Kind.EXHAUSTED;
                            },
                            overloaded.retryAfterSeconds(),
                            String.valueOf(overloaded.getMessage()));
            default -> unexpected(thrown);
        };
    }

    private Refusal unexpected(Throwable thrown) {
        failures.inc();
        long dropped = throttle.permit();
        if (dropped >= 0) {
            LOG.error(
                    "a request failed and its sender was told to retry; {} such failures were not"
                            + " logged",
                    dropped,
                    thrown);
        }
        return Refusal.retry(
                Refusal.Kind.UNAVAILABLE,
                limits.retryAfterSeconds(),
                "cannot store the request: an unexpected failure, which Firn's log shows; retry"
                        + " later");
    }

    void countHttp(String code) {
        httpRequests.labelValues(code).inc();
    }

    void countGrpc(String code) {
        grpcRequests.labelValues(code).inc();
    }

    void countRefused(Refusal refusal) {
        Refusal.Limit limit = refusal.limit();
        if (limit != null) {
            refused.labelValues(limit.label()).inc();
        }
    }

    /// Ends the timer and frees memory outside the heap.
    @Override
    public void close() {
        timer.shutdownNow();
        decompressor.close();
    }
}

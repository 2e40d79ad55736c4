package dev.firn.receive;

import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One call of MetricsService/Export. grpc's event loop delivers the message; a virtual thread
/// stores it and answers. Whoever first moves on from WAITING (half-close, timeout, cancel) ends
/// it.
final class GrpcExport extends ServerCall.Listener<GrpcMessages.Message> {
    static final Metadata.Key<byte[]> STATUS_DETAILS =
            Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

    private static final Logger LOG = LoggerFactory.getLogger(GrpcExport.class);

    private final ServerCall<GrpcMessages.Message, byte[]> call;
    private final Receiver receiver;
    private final Admission admission;
    private final Executor executor;
    private final Future<?> deadline;
    private GrpcMessages.@Nullable Message message;
    private boolean waiting = true;

    /// Takes a place of `admission` when the message is whole: a slow sender holds none.
    GrpcExport(
            ServerCall<GrpcMessages.Message, byte[]> call,
            Receiver receiver,
            Admission admission,
            Executor executor) {
        this.call = call;
        this.receiver = receiver;
        this.admission = admission;
        this.executor = executor;
        this.deadline = admission.bodyDeadline(this::late);
    }

    @Override
    public void onMessage(GrpcMessages.Message next) {
        boolean surplus;
        synchronized (this) {
            surplus = !waiting || message != null;
            if (!surplus) {
                message = next;
            }
        }
        if (surplus) {
            next.body().close();
            end(Refusal.of(Refusal.Kind.MALFORMED, "Export takes one message, not several"));
        }
    }

    @Override
    public void onHalfClose() {
        GrpcMessages.Message whole;
        synchronized (this) {
            whole = message;
            if (!waiting) {
                return;
            }
            if (whole != null) {
                waiting = false;
            }
        }
        if (whole == null) {
            end(Refusal.of(Refusal.Kind.MALFORMED, "Export takes one message, and none came"));
            return;
        }
        deadline.cancel(false);
        try {
            admission.enter();
        } catch (Refusal e) {
            whole.body().close();
            refuse(call, admission, e);
            return;
        }
        executor.execute(() -> store(whole));
    }

    @Override
    public void onCancel() {
        end(null);
    }

    private void late() {
        int seconds = admission.limits().retryAfterSeconds();
        end(
                Refusal.limit(
                        Refusal.Limit.BODY_TIMEOUT,
                        Refusal.Kind.UNAVAILABLE,
                        seconds,
                        "cannot take the request: its message did not arrive within"
                                + " limits.body_timeout "
                                + admission.limits().bodyTimeoutMillis()
                                + " ms"));
    }

    /// Without the message having been stored; null: the sender is gone.
    void end(@Nullable Refusal refusal) {
        GrpcMessages.Message unused;
        synchronized (this) {
            if (!waiting) {
                return;
            }
            waiting = false;
            unused = message;
        }
        deadline.cancel(false);
        if (unused != null) {
            unused.body().close();
        }
        if (refusal == null) {
            admission.countGrpc(Status.Code.CANCELLED.name());
        } else {
            refuse(call, admission, refusal);
        }
    }

    private void store(GrpcMessages.Message whole) {
        try (Body body = whole.body()) {
            Refusal early = whole.refusal();
            if (early != null) {
                throw early;
            }
            int most =
                    Math.min(
                            admission.limits().grpcMessageBytesMax(),
                            admission.limits().decompressedBytesMax());
            var answer =
                    admission.store(
                            receiver,
                            Receiver.Format.PROTOBUF,
                            body,
                            whole.compression(),
                            most,
                            "max_recv_msg_size_mib",
                            sender());
            answer(OtlpAnswers.success(Receiver.Format.PROTOBUF, answer));
        } catch (Refusal e) {
            refuse(call, admission, e);
        } finally {
            admission.leave();
        }
    }

    private String sender() {
        return call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)
                        instanceof InetSocketAddress peer
                ? peer.getAddress().getHostAddress()
                : "";
    }

    private void answer(byte[] response) {
        admission.countGrpc(Status.Code.OK.name());
        try {
            call.sendHeaders(new Metadata());
            call.sendMessage(response);
            call.close(Status.OK, new Metadata());
        } catch (RuntimeException e) {
            // The sender went away meanwhile; it will retry what is stored already.
            LOG.debug("an answer could not be sent", e);
        }
    }

    /// Ends `call` with an error and its details.
    static void refuse(ServerCall<?, ?> call, Admission admission, Refusal refusal) {
        Status status =
                Status.fromCodeValue(refusal.kind().code())
                        .withDescription(OtlpAnswers.bounded(refusal.text()));
        admission.countGrpc(status.getCode().name());
        admission.countRefused(refusal);
        var trailers = new Metadata();
        trailers.put(STATUS_DETAILS, OtlpAnswers.status(Receiver.Format.PROTOBUF, refusal));
        try {
            call.close(status, trailers);
        } catch (RuntimeException e) {
            LOG.debug("a refusal could not be sent", e);
        }
    }
}

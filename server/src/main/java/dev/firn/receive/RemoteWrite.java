package dev.firn.receive;

import dev.firn.model.Intake;
import dev.firn.receive.RemoteWriteParser.About;
import dev.firn.receive.RemoteWriteParser.Parsed;
import io.airlift.compress.v3.MalformedInputException;
import io.airlift.compress.v3.snappy.SnappyJavaDecompressor;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/// Prometheus' remote write, versions 1 and 2: a request becomes one of OTLP and takes its way, up
/// to the acknowledgement after it is durable.
public final class RemoteWrite {
    private static final String PROTOBUF = "application/x-protobuf";
    private static final String WRITTEN = "X-Prometheus-Remote-Write-%s-Written";
    private static final HeaderName SAMPLES = HeaderNames.create(WRITTEN.formatted("Samples"));
    private static final HeaderName HISTOGRAMS =
            HeaderNames.create(WRITTEN.formatted("Histograms"));
    private static final HeaderName EXEMPLARS = HeaderNames.create(WRITTEN.formatted("Exemplars"));
    private static final int FAMILIES_MAX = 10_000;
    private static final int NAME_CHARS_MAX = 1_000;

    private final Receiver receiver;
    private final Admission admission;
    private final PrometheusToOtlp otlp = new PrometheusToOtlp(true);

    /// What version 1 says of families, in requests of their own.
    private final Map<String, About> families =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, About> eldest) {
                    return size() > FAMILIES_MAX;
                }
            };

    public RemoteWrite(Receiver receiver, Admission admission) {
        this.receiver = receiver;
        this.admission = admission;
    }

    /// Takes a POST.
    public void handle(ServerRequest request, ServerResponse response) {
        try {
            boolean second = isSecond(request);
            try (Body body = admission.buffers().open()) {
                read(request, body);
                take(body, second, sender(request), response);
            }
        } catch (CloseConnectionException e) {
            throw e;
        } catch (RuntimeException e) {
            refuse(response, admission.refusal(e));
        }
    }

    /// Takes a place only now that the body is there: a slow sender holds none.
    private void take(Body body, boolean second, String sender, ServerResponse response) {
        admission.enter();
        try (Body plain = admission.buffers().open()) {
            decompress(body, plain);
            body.close();
            int room = admission.limits().decompressedBytesMax();
            store(
                    RemoteWriteParser.parse(plain.bytes(), plain.length(), second, room),
                    sender,
                    response);
        } finally {
            admission.leave();
        }
    }

    private static boolean isSecond(ServerRequest request) {
        String type = request.headers().first(HeaderNames.CONTENT_TYPE).orElse("");
        String encoding = request.headers().first(HeaderNames.CONTENT_ENCODING).orElse("");
        String[] parts = type.toLowerCase(Locale.ROOT).split(";");
        String proto = "prometheus.writerequest";
        for (String part : parts) {
            if (part.strip().startsWith("proto=")) {
                proto = part.strip().substring(6);
            }
        }
        boolean second = proto.equals("io.prometheus.write.v2.request");
        if (!parts[0].strip().equals(PROTOBUF)
                || !(second || proto.equals("prometheus.writerequest"))
                || !encoding.equalsIgnoreCase("snappy")) {
            throw Refusal.of(
                    Refusal.Kind.UNSUPPORTED,
                    "cannot read Content-Type \""
                            + type
                            + "\" with Content-Encoding \""
                            + encoding
                            + "\"; send "
                            + PROTOBUF
                            + " of remote write 1 or 2, compressed by snappy");
        }
        return second;
    }

    private void read(ServerRequest request, Body body) {
        int most = admission.limits().httpBodyBytesMax();
        var arrived = new AtomicBoolean();
        Thread thread = Thread.currentThread();
        Future<?> deadline =
                admission.bodyDeadline(() -> {
                    if (arrived.compareAndSet(false, true)) {
                        thread.interrupt();
                    }
                });
        try (InputStream in = request.content().inputStream()) {
            while (true) {
                body.grow(most + 1);
                int read = in.read(body.bytes(), body.length(), body.room());
                if (read < 0) {
                    break;
                }
                body.advance(read);
                if (body.length() > most) {
                    throw tooLarge(most, "max_request_body_size");
                }
            }
        } catch (IOException e) {
            throw new CloseConnectionException("the sender is gone", e);
        } finally {
            deadline.cancel(false);
            if (!arrived.compareAndSet(false, true)) {
                Thread.interrupted();
            }
        }
    }

    private static Refusal tooLarge(int most, String name) {
        return Refusal.limit(
                Refusal.Limit.BODY_BYTES,
                Refusal.Kind.TOO_LARGE,
                0,
                "cannot accept the body: it is larger than "
                        + name
                        + " "
                        + most
                        + " bytes; send smaller batches, or raise that limit");
    }

    private void decompress(Body body, Body plain) {
        int most = admission.limits().decompressedBytesMax();
        var snappy = new SnappyJavaDecompressor();
        try {
            int length = snappy.getUncompressedLength(body.bytes(), 0);
            if (length > most) {
                throw tooLarge(most, "limits.request_bytes_max");
            }
            plain.ensure(length + 1);
            plain.advance(
                    snappy.decompress(body.bytes(), 0, body.length(), plain.bytes(), 0, length));
        } catch (MalformedInputException | IndexOutOfBoundsException | IllegalArgumentException e) {
            throw Refusal.of(
                    Refusal.Kind.MALFORMED,
                    "cannot read the body: it is not snappy's block format");
        }
    }

    private void store(Parsed parsed, String sender, ServerResponse response) {
        remember(parsed);
        long samples = 0;
        long histograms = 0;
        long exemplars = 0;
        for (PrometheusSeries one : parsed.series()) {
            long withHistogram = one.samples.stream().filter(it -> it.histogram() != null).count();
            histograms += withHistogram;
            samples += one.samples.size() - withHistogram;
            exemplars += one.samples.isEmpty() ? 0 : one.exemplars.size();
        }
        var answer = Intake.Answer.OK;
        if (samples + histograms > 0) {
            byte[] body = otlp.request(parsed.series());
            answer = receiver.receive(Receiver.Format.PROTOBUF, body, body.length, sender);
        }
        long refused = answer.rejectedPoints();
        long fewer = Math.min(samples, refused);
        response.header(SAMPLES, Long.toString(samples - fewer));
        response.header(HISTOGRAMS, Long.toString(histograms - (refused - fewer)));
        response.header(EXEMPLARS, Long.toString(exemplars));
        if (refused + parsed.refusedSamples() == 0) {
            admission.countHttp("204");
            response.status(Status.NO_CONTENT_204).send();
        } else {
            // "partial write": what was good is stored, and nothing of the rest is to be sent again
            String message =
                    (parsed.refusedSamples() == 0
                                    ? ""
                                    : "refused "
                                            + parsed.refusedSamples()
                                            + " samples: "
                                            + String.join("; ", parsed.refused())
                                            + ". ")
                            + answer.message();
            admission.countHttp("400");
            text(response, Status.BAD_REQUEST_400, message);
        }
    }

    /// Descriptions of version 1, which come apart from samples.
    private void remember(Parsed parsed) {
        synchronized (families) {
            parsed.metadata()
                    .forEach((name, about) -> {
                        if (name.length() <= NAME_CHARS_MAX) {
                            families.put(name, new About(about.type(), cut(about.help()), ""));
                        }
                    });
            for (PrometheusSeries one : parsed.series()) {
                if (one.help.isEmpty()) {
                    About about = families.get(family(one.name()));
                    about = about == null ? families.get(one.name()) : about;
                    one.help = about == null ? "" : about.help();
                }
            }
        }
    }

    private static String cut(String help) {
        return help.substring(0, Math.min(help.length(), NAME_CHARS_MAX));
    }

    private static String family(String name) {
        for (String suffix : new String[] {"_bucket", "_count", "_sum"}) {
            if (name.endsWith(suffix)) {
                return name.substring(0, name.length() - suffix.length());
            }
        }
        return name;
    }

    private void refuse(ServerResponse response, Refusal refusal) {
        admission.countRefused(refusal);
        admission.countHttp(Integer.toString(refusal.kind().httpStatus()));
        if (refusal.kind().retryable()) {
            response.header(HeaderNames.RETRY_AFTER, Integer.toString(refusal.retryAfterSeconds()));
        }
        text(response, Status.create(refusal.kind().httpStatus()), refusal.text());
    }

    private static void text(ServerResponse response, Status status, String text) {
        response.status(status);
        response.header(HeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");
        response.send((OtlpAnswers.bounded(text) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static String sender(ServerRequest request) {
        return request.remotePeer().address() instanceof InetSocketAddress peer
                        && peer.getAddress() != null
                ? peer.getAddress().getHostAddress()
                : "";
    }
}

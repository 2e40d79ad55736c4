package dev.firn.ops.load;

import dev.firn.base.ByteReader;
import dev.firn.base.Clock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/// Sends bodies by OTLP/HTTP as the protocol asks: the same bytes again after 429, 502, 503 and 504
/// or a broken connection, with growing pauses or as `Retry-After` says; never after anything else.
/// (Source: the OTLP specification, sections "Failures" and "OTLP/HTTP Response".)
public final class Sender implements AutoCloseable {
    private static final long FIRST_PAUSE_MILLIS = 100;
    private static final long LONGEST_PAUSE_MILLIS = 5_000;
    private static final int MESSAGE_CHARS = 400;

    /// Waits, so that tests need not. Answers false when sending shall end.
    @FunctionalInterface
    public interface Pause {
        /// Waits for so long.
        boolean millis(long millis);
    }

    private final HttpClient client;
    private final URI uri;
    private final boolean gzip;
    private final Duration retryFor;
    private final Clock clock;
    private final Pause pause;
    private final LongAdder retries = new LongAdder();
    private final LongAdder bytesSent = new LongAdder();

    /// @param target like `http://localhost:4318`; `/v1/metrics` is added unless it has a path
    /// @param retryFor how long one body is tried before it counts as unanswered
    public Sender(URI target, boolean gzip, Duration retryFor, Clock clock, Pause pause) {
        String path = target.getPath();
        boolean bare = path == null || path.isEmpty() || path.equals("/");
        this.uri = bare ? target.resolve("/v1/metrics") : target;
        this.gzip = gzip;
        this.retryFor = retryFor;
        this.clock = clock;
        this.pause = pause;
        this.client =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(Duration.ofSeconds(10))
                        .build();
    }

    /// How often a body was sent again.
    public long retries() {
        return retries.sum();
    }

    /// Bytes of request bodies as sent, retries included.
    public long bytesSent() {
        return bytesSent.sum();
    }

    /// Sends until there is a final answer. Blocks; any number of threads may send.
    public Answer send(byte[] body) {
        byte[] packed = gzip ? gzip(body) : body;
        HttpRequest request = request(packed);
        long began = clock.ticks();
        long backoff = FIRST_PAUSE_MILLIS;
        while (true) {
            OptionalLong asked = OptionalLong.empty();
            String trouble;
            bytesSent.add(packed.length);
            try {
                HttpResponse<byte[]> response =
                        client.send(request, HttpResponse.BodyHandlers.ofByteArray());
                int status = response.statusCode();
                if (!isRetryable(status)) {
                    return finalAnswer(status, response.body());
                }
                asked = retryAfterMillis(response);
                trouble = "status " + status;
            } catch (IOException e) {
                trouble = e.getClass().getSimpleName() + " " + e.getMessage();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return new Answer.Unanswered("interrupted");
            }
            long wait = asked.orElse(backoff);
            long spent = (clock.ticks() - began) / 1_000_000;
            if (spent + wait > retryFor.toMillis() || !pause.millis(wait)) {
                return new Answer.Unanswered(trouble + " at \"" + uri + "\"");
            }
            retries.increment();
            backoff = Math.min(backoff * 2, LONGEST_PAUSE_MILLIS);
        }
    }

    private HttpRequest request(byte[] packed) {
        var builder =
                HttpRequest.newBuilder(uri)
                        .timeout(Duration.ofSeconds(60))
                        .header("Content-Type", "application/x-protobuf")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(packed));
        return (gzip ? builder.header("Content-Encoding", "gzip") : builder).build();
    }

    private static boolean isRetryable(int status) {
        return status == 429 || status == 502 || status == 503 || status == 504;
    }

    private static OptionalLong retryAfterMillis(HttpResponse<byte[]> response) {
        String value = response.headers().firstValue("Retry-After").orElse("");
        // The header's other form, a date, is rare among OTLP receivers: then our own pause holds.
        return value.matches("[0-9]{1,6}")
                ? OptionalLong.of(Long.parseLong(value) * 1000)
                : OptionalLong.empty();
    }

    private static Answer finalAnswer(int status, byte[] body) {
        try {
            return status / 100 == 2 ? accepted(body) : refused(status, body);
        } catch (ByteReader.Malformed e) {
            return status / 100 == 2
                    ? new Answer.Refused(status, "the answer's body is no OTLP response")
                    : new Answer.Refused(status, new String(body, StandardCharsets.UTF_8));
        }
    }

    /// `ExportMetricsServiceResponse`: partial_success = 1 { rejected_data_points = 1,
    /// error_message = 2 }.
    private static Answer accepted(byte[] body) {
        long rejected = 0;
        String message = "";
        var outer = new ByteReader(body);
        while (outer.remaining() > 0) {
            if (outer.varint() >>> 3 != 1) {
                throw new ByteReader.Malformed("an unknown field");
            }
            var partial = new ByteReader(outer.bytes(outer.count()));
            while (partial.remaining() > 0) {
                long tag = partial.varint();
                if (tag == (1 << 3)) {
                    rejected = partial.varint();
                } else if (tag == (2 << 3 | 2)) {
                    message = partial.string();
                } else {
                    throw new ByteReader.Malformed("an unknown field");
                }
            }
        }
        return new Answer.Accepted(rejected, shorten(message));
    }

    /// `google.rpc.Status`: code = 1, message = 2.
    private static Answer refused(int status, byte[] body) {
        String message = "";
        var reader = new ByteReader(body);
        while (reader.remaining() > 0) {
            long tag = reader.varint();
            switch ((int) (tag & 7)) {
                case 0 -> reader.varint();
                case 2 -> {
                    String text = reader.string();
                    message = tag >>> 3 == 2 ? text : message;
                }
                default -> throw new ByteReader.Malformed("an unknown wire type");
            }
        }
        return new Answer.Refused(status, shorten(message));
    }

    private static String shorten(String message) {
        return message.length() <= MESSAGE_CHARS ? message : message.substring(0, MESSAGE_CHARS);
    }

    private static byte[] gzip(byte[] body) {
        var packed = new ByteArrayOutputStream(body.length / 4);
        try (var stream = new FastGzip(packed)) {
            stream.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail to be written
        }
        return packed.toByteArray();
    }

    /// Level 1: a generator shall not spend more on packing than on generating.
    private static final class FastGzip extends GZIPOutputStream {
        FastGzip(ByteArrayOutputStream out) throws IOException {
            super(out, 8192);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}

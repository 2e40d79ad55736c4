package dev.firn.bench;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.model.Intake;
import dev.firn.receive.Admission;
import dev.firn.receive.GrpcOtlpServer;
import dev.firn.receive.HttpOtlpServer;
import dev.firn.receive.Receiver;
import dev.firn.receive.ServerLimits;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;
import java.util.zip.GZIPOutputStream;

/// Requests a second that the OTLP servers take over loopback when nothing is done with them:
/// bodies of 120 KB, as 1,000 points with some attributes make. Sender and servers share the
/// process and its processors, so CPU seconds are those of both sides.
///
/// Three rounds, of which the first warms up. Arguments: seconds a case (5), connections (4).
public final class ServersBench {
    private static final int BODY_BYTES = 120_000;
    private static final String EXPORT =
            "opentelemetry.proto.collector.metrics.v1.MetricsService/Export";

    private ServersBench() {}

    /// One request, until its answer.
    private interface Sender extends AutoCloseable {
        void send() throws IOException;

        @Override
        void close() throws IOException;
    }

    /// Runs all cases.
    public static void main(String[] arguments) throws Exception {
        int seconds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
        int connections = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 4;
        var loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        Receiver nothing = (format, body, length, sender) -> Intake.Answer.OK;
        byte[] plain = body();
        byte[] gzip = gzip(plain);
        System.out.printf("body %d bytes, gzip %d bytes%n", plain.length, gzip.length);
        try (var admission = new Admission(ServerLimits.DEFAULT, new OwnMetrics(), Clock.system());
                var http = new HttpOtlpServer(loopback, nothing, admission);
                var grpc = new GrpcOtlpServer(loopback, nothing, admission)) {
            for (int round = 0; round < 3; round++) {
                run("http", seconds, connections, () -> new Http(http.port(), plain, "identity"));
                run("http gzip", seconds, connections, () -> new Http(http.port(), gzip, "gzip"));
                run("grpc", seconds, connections, () -> new Grpc(grpc.port(), plain));
            }
        }
    }

    private static void run(String what, int seconds, int connections, Callable<Sender> open)
            throws Exception {
        var requests = new LongAdder();
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        long cpu = cpuNanos();
        try (var threads = Executors.newFixedThreadPool(connections)) {
            for (int i = 0; i < connections; i++) {
                threads.submit(() -> {
                    try (Sender sender = open.call()) {
                        while (System.nanoTime() - end < 0) {
                            sender.send();
                            requests.increment();
                        }
                    } catch (Exception e) {
                        e.printStackTrace();
                    }
                    return 0;
                });
            }
        }
        double rate = requests.sum() / (double) seconds;
        System.out.printf(
                "%-10s %,8.0f requests/s %,8.0f MB/s of body %6.1f µs CPU/request, both sides%n",
                what,
                rate,
                rate * BODY_BYTES / 1e6,
                (cpuNanos() - cpu) / 1e3 / Math.max(1, requests.sum()));
    }

    private static long cpuNanos() {
        return ((com.sun.management.OperatingSystemMXBean)
                        ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    /// Compresses about as OTLP does.
    private static byte[] body() {
        var random = new Random(1);
        var out = new ByteArrayOutputStream(BODY_BYTES);
        while (out.size() < BODY_BYTES - 120) {
            out.writeBytes(
                    ("http.request.method=GET;http.route=/items/{id};server.address=shop-"
                                    + random.nextInt(9))
                            .getBytes(StandardCharsets.UTF_8));
            byte[] value = new byte[12];
            random.nextBytes(value);
            out.writeBytes(value);
        }
        out.writeBytes(new byte[BODY_BYTES - out.size()]);
        return out.toByteArray();
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(plain);
        }
        return out.toByteArray();
    }

    /// A plain socket with a ready request, so that the client costs little.
    private static final class Http implements Sender {
        private final Socket socket;
        private final OutputStream out;
        private final InputStream in;
        private final byte[] request;
        private final byte[] answer = new byte[4096];

        Http(int port, byte[] body, String encoding) throws IOException {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setTcpNoDelay(true);
            out = socket.getOutputStream();
            in = socket.getInputStream();
            String head =
                    "POST /v1/metrics HTTP/1.1\r\nHost: localhost\r\n"
                            + "Content-Type: application/x-protobuf\r\nContent-Encoding: "
                            + encoding
                            + "\r\nContent-Length: "
                            + body.length
                            + "\r\n\r\n";
            var whole = new ByteArrayOutputStream();
            whole.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
            whole.writeBytes(body);
            request = whole.toByteArray();
        }

        /// The answer has no body, so it ends with an empty line.
        @Override
        public void send() throws IOException {
            out.write(request);
            int length = 0;
            while (length < 4
                    || answer[length - 1] != '\n'
                    || answer[length - 2] != '\r'
                    || answer[length - 3] != '\n') {
                int read = in.read(answer, length, answer.length - length);
                if (read < 0) {
                    throw new EOFException("the server closed the connection");
                }
                length += read;
            }
            if (answer[9] != '2') {
                throw new IOException(new String(answer, 0, length, StandardCharsets.US_ASCII));
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static final class Grpc implements Sender, MethodDescriptor.Marshaller<byte[]> {
        private final io.grpc.ManagedChannel channel;
        private final MethodDescriptor<byte[], byte[]> method;
        private final byte[] body;

        Grpc(int port, byte[] body) {
            this.body = body;
            channel = NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
            method =
                    MethodDescriptor.<byte[], byte[]>newBuilder()
                            .setType(MethodDescriptor.MethodType.UNARY)
                            .setFullMethodName(EXPORT)
                            .setRequestMarshaller(this)
                            .setResponseMarshaller(this)
                            .build();
        }

        @Override
        public void send() {
            ClientCalls.blockingUnaryCall(channel, method, CallOptions.DEFAULT, body);
        }

        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            channel.shutdownNow();
        }
    }
}

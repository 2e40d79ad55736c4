package dev.firn;

import com.sun.net.httpserver.HttpServer;
import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.base.security.ServerSecurity;
import dev.firn.model.Intake;
import dev.firn.receive.Admission;
import dev.firn.receive.Cors;
import dev.firn.receive.GrpcOtlpServer;
import dev.firn.receive.HttpOtlpServer;
import dev.firn.receive.Receiver;
import dev.firn.receive.ServerLimits;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/// Other sides for exporters: Firn's own servers, and one that does as its script says.
final class OtlpPeers {
    private OtlpPeers() {}

    static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("not in time: " + what);
            }
            try {
                Thread.sleep(5);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    /// The int values of all points of a request, in order.
    static List<Long> values(byte[] body) {
        try {
            var values = new ArrayList<Long>();
            for (var resource :
                    ExportMetricsServiceRequest.parseFrom(body).getResourceMetricsList()) {
                for (var scope : resource.getScopeMetricsList()) {
                    for (var metric : scope.getMetricsList()) {
                        metric.getGauge()
                                .getDataPointsList()
                                .forEach(point -> values.add(point.getAsInt()));
                    }
                }
            }
            return values;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Firn's servers; remembers requests.
    static final class Servers implements AutoCloseable {
        record Received(Receiver.Format format, byte[] body) {}

        final List<Received> requests = Collections.synchronizedList(new ArrayList<>());
        final Admission admission =
                new Admission(
                        new ServerLimits(
                                20 << 20, 4 << 20, 64 << 20, 512L << 20, 64, 512, 20_000, 5_000, 1),
                        new OwnMetrics(),
                        Clock.system());
        final HttpOtlpServer http;
        final GrpcOtlpServer grpc;

        Servers(ServerSecurity security) {
            Receiver receiver =
                    (format, body, length, sender) -> {
                        requests.add(new Received(format, java.util.Arrays.copyOf(body, length)));
                        return Intake.Answer.OK;
                    };
            var any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            http = new HttpOtlpServer(any, receiver, admission, security, Cors.NONE);
            grpc = new GrpcOtlpServer(any, receiver, admission, security);
        }

        List<Long> values() {
            synchronized (requests) {
                return requests.stream()
                        .flatMap(one -> OtlpPeers.values(one.body).stream())
                        .toList();
            }
        }

        @Override
        public void close() {
            http.close();
            grpc.close();
            admission.close();
        }
    }

    /// Answers each request as told.
    static final class Scripted implements AutoCloseable {
        /// An answer; a status of 0 breaks the connection.
        record Answer(int status, byte[] body, String... headers) {
            static final Answer OK = new Answer(200, new byte[0]);

            static Answer of(int status, String... headers) {
                return new Answer(status, new byte[0], headers);
            }
        }

        /// What to answer to the request of that number, from 0 on.
        interface Script {
            Answer answer(int number, List<Long> values) throws InterruptedException;
        }

        final List<List<Long>> requests = Collections.synchronizedList(new ArrayList<>());
        private final HttpServer server;
        private final java.util.concurrent.ExecutorService threads =
                Executors.newVirtualThreadPerTaskExecutor();

        Scripted(Script script) {
            try {
                server =
                        HttpServer.create(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            server.setExecutor(threads);
            server.createContext(
                    "/",
                    exchange -> {
                        List<Long> values = values(exchange.getRequestBody().readAllBytes());
                        int number;
                        synchronized (requests) {
                            number = requests.size();
                            requests.add(values);
                        }
                        Answer answer;
                        try {
                            answer = script.answer(number, values);
                        } catch (InterruptedException e) {
                            answer = Answer.of(0);
                        }
                        if (answer.status == 0) {
                            exchange.close();
                            return;
                        }
                        for (int i = 0; i < answer.headers.length; i += 2) {
                            exchange.getResponseHeaders()
                                    .add(answer.headers[i], answer.headers[i + 1]);
                        }
                        exchange.sendResponseHeaders(
                                answer.status, answer.body.length == 0 ? -1 : answer.body.length);
                        if (answer.body.length > 0) {
                            exchange.getResponseBody().write(answer.body);
                        }
                        exchange.close();
                    });
            server.start();
        }

        int port() {
            return server.getAddress().getPort();
        }

        List<List<Long>> seen() {
            synchronized (requests) {
                return List.copyOf(requests);
            }
        }

        @Override
        public void close() {
            server.stop(0);
            threads.shutdownNow();
        }
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

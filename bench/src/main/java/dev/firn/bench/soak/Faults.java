package dev.firn.bench.soak;

import dev.firn.base.WorldException;
import dev.firn.ops.bench.FirnChild;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/// What is done to the Firn under test. Each fault is made, held for a while and undone.
final class Faults {
    /// A larger file system is not filled up.
    private static final long FILLED_MAX = 8L << 30;

    private static final int FLOOD = 3_000;
    private static final int LORIS = 400;

    /// Points that are from the future, as Firn's clock has it.
    private static final String AHEAD = "firn_receive_future_points_total";

    /// Something that may fail as the world does.
    @FunctionalInterface
    interface Step {
        void run() throws IOException, InterruptedException;
    }

    /// @param seconds between `begin` and `end`
    record Fault(String name, int seconds, Step begin, Step end) {}

    /// Where the process under test is, which restarts replace.
    static final class Subject {
        volatile FirnChild firn;

        Subject(FirnChild firn) {
            this.firn = firn;
        }
    }

    private final Subject subject;
    private final @Nullable Gate s3;
    private final Path folder;
    private final Random random = new Random(1);
    private final List<Fault> all = new ArrayList<>();
    private final List<String> missing = new ArrayList<>();
    private final List<Socket> sockets = new ArrayList<>();
    private final AtomicLong wronglyTaken = new AtomicLong();
    private volatile boolean flooding;

    /// @param s3 in front of the lake's storage; null: the lake is on disk
    /// @param folder of the process's data
    /// @param clock the file that moves Firn's clock; null: there is none
    Faults(Subject subject, @Nullable Gate s3, Path folder, @Nullable Path clock)
            throws IOException {
        this.subject = subject;
        this.s3 = s3;
        this.folder = folder;
        processes();
        if (clock == null) {
            missing.add("clock jump: give --clock, as the script bench/soak does");
        } else {
            clocks(clock);
        }
        storage();
        senders();
    }

    List<Fault> all() {
        return all;
    }

    /// Faults that cannot be made here, and why.
    List<String> missing() {
        return missing;
    }

    /// Requests that are no OTLP and got an answer as if they were.
    long wronglyTaken() {
        return wronglyTaken.get();
    }

    private void processes() {
        all.add(
                new Fault(
                        "restart",
                        0,
                        () -> {
                            int status = subject.firn.stop();
                            if (status != 0 && status != 143) {
                                throw new WorldException("Firn stopped with status " + status);
                            }
                        },
                        () -> subject.firn = subject.firn.again()));
        all.add(
                new Fault(
                        "kill -9",
                        0,
                        () -> subject.firn.kill(),
                        () -> subject.firn = subject.firn.again()));
        all.add(
                new Fault(
                        "engine killed",
                        0,
                        () -> subject.firn.engineHandle().ifPresent(ProcessHandle::destroyForcibly),
                        () -> {}));
        all.add(new Fault("engine stands still", 30, () -> signal("STOP"), () -> signal("CONT")));
    }

    /// Firn's clock alone, as bench/clock lets it be moved.
    private void clocks(Path clock) {
        for (int hours : new int[] {1, -1}) {
            all.add(
                    new Fault(
                            "clock jumps " + (hours > 0 ? "an hour on" : "back an hour"),
                            30,
                            () -> Files.writeString(clock, Integer.toString(hours * 3_600)),
                            () -> {
                                if (hours < 0 && !(subject.firn.metric(AHEAD) > 0)) {
                                    throw new WorldException("Firn's clock did not move");
                                }
                                Files.writeString(clock, "0");
                            }));
        }
    }

    private void storage() throws IOException {
        Gate gate = s3;
        if (gate == null) {
            missing.add("S3 outage: the lake is on disk; give --s3");
        } else {
            all.add(new Fault("S3 outage", 30, () -> gate.shut(true), () -> gate.shut(false)));
        }
        slowDisk();
        FileStore store = Files.getFileStore(folder);
        if (store.getTotalSpace() > FILLED_MAX) {
            missing.add("full disk: " + folder + " is on a file system of more than 8 GiB");
        } else {
            Path ballast = folder.resolve("ballast");
            all.add(new Fault("full disk", 30, () -> fill(ballast), () -> Files.delete(ballast)));
        }
    }

    private void slowDisk() {
        try {
            new ProcessBuilder("strace", "-V")
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            missing.add("slow disk: strace is not here");
            return;
        }
        var tracer = new Process[1];
        all.add(
                new Fault(
                        "slow disk (each fsync 200 ms later)",
                        30,
                        () ->
                                tracer[0] =
                                        new ProcessBuilder(
                                                        "strace",
                                                        "-f",
                                                        "-qq",
                                                        "-e",
                                                        "trace=fsync,fdatasync",
                                                        "-e",
                                                        "inject=fsync,fdatasync:delay_enter=200000",
                                                        "-o",
                                                        "/dev/null",
                                                        "-p",
                                                        Long.toString(subject.firn.handle().pid()))
                                                .inheritIO()
                                                .start(),
                        () -> {
                            tracer[0].destroy();
                            tracer[0].waitFor();
                        }));
    }

    private static void fill(Path ballast) throws IOException {
        var zeros = ByteBuffer.allocate(1 << 20);
        try (var file =
                FileChannel.open(ballast, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            while (file.write(zeros.clear()) > 0) {
                continue;
            }
        } catch (IOException e) {
            if (Files.getFileStore(ballast).getUsableSpace() > 1 << 20) {
                throw e;
            }
        }
    }

    private void senders() {
        all.add(
                new Fault(
                        "flood of " + FLOOD + " connections",
                        20,
                        () -> connect(FLOOD, subject.firn.otlp()),
                        this::disconnect));
        all.add(
                new Fault(
                        LORIS + " senders of a byte each two seconds",
                        30,
                        () -> {
                            connect(LORIS / 2, subject.firn.otlp());
                            connect(LORIS / 2, subject.firn.web("/"));
                            drip();
                        },
                        this::disconnect));
        all.add(
                new Fault(
                        "flood of malformed requests",
                        20,
                        () -> {
                            flooding = true;
                            for (int i = 0; i < 4; i++) {
                                Thread.ofVirtual().start(this::malform);
                            }
                        },
                        () -> flooding = false));
    }

    private void connect(int count, URI to) {
        for (int i = 0; i < count; i++) {
            var socket = new Socket();
            try {
                socket.connect(new InetSocketAddress(to.getHost(), to.getPort()), 200);
                sockets.add(socket);
            } catch (IOException e) {
                return; // no more are taken, which is an answer, too
            }
        }
    }

    private void drip() {
        flooding = true;
        byte[] text =
                "POST /v1/metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n"
                        .getBytes(StandardCharsets.UTF_8);
        List<Socket> mine = List.copyOf(sockets);
        Thread.ofVirtual()
                .start(() -> {
                    for (byte one : text) {
                        for (Socket socket : mine) {
                            try {
                                socket.getOutputStream().write(one);
                            } catch (IOException e) {
                                // Firn ended it
                            }
                        }
                        FirnChild.pause(2_000);
                        if (!flooding) {
                            return;
                        }
                    }
                });
    }

    private void disconnect() throws IOException {
        flooding = false;
        for (Socket socket : sockets) {
            socket.close();
        }
        sockets.clear();
    }

    private void malform() {
        try (var client = HttpClient.newHttpClient()) {
            while (flooding) {
                FirnChild firn = subject.firn;
                boolean web = random.nextInt(4) == 0;
                byte[] body = garbage();
                var request =
                        HttpRequest.newBuilder(
                                        web
                                                ? firn.web("/api/firn/v1/sql")
                                                : firn.otlp().resolve("/v1/metrics"))
                                .timeout(Duration.ofSeconds(10))
                                .header(
                                        "Content-Type",
                                        random.nextBoolean()
                                                ? "application/x-protobuf"
                                                : "application/json")
                                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
                if (random.nextInt(3) == 0) {
                    request.header("Content-Encoding", "gzip");
                }
                try {
                    int status =
                            client.send(request.build(), HttpResponse.BodyHandlers.discarding())
                                    .statusCode();
                    if (status / 100 == 2) {
                        wronglyTaken.incrementAndGet();
                    }
                } catch (IOException e) {
                    FirnChild.pause(10); // ended by Firn
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Random bytes, bytes that begin as OTLP does, broken JSON, or a megabyte of one byte packed.
    private byte[] garbage() {
        var bytes = new byte[1 + random.nextInt(20_000)];
        random.nextBytes(bytes);
        switch (random.nextInt(4)) {
            case 0 -> bytes[0] = 10;
            case 1 -> {
                return "{\"resourceMetrics\": [{\"resource\": ".getBytes(StandardCharsets.UTF_8);
            }
            case 2 -> {
                return packed();
            }
            default -> bytes[0] = (byte) 0xff;
        }
        return bytes;
    }

    private static byte[] packed() {
        var out = new java.io.ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out);
                InputStream in = new ByteArrayInputStream(new byte[1 << 20])) {
            gzip.write(0xff);
            in.transferTo(gzip);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e); // memory does not fail
        }
        return out.toByteArray();
    }

    /// Sent to the engine, if there is one: Firn may have ended it.
    private void signal(String name) throws IOException, InterruptedException {
        var engine = subject.firn.engineHandle();
        if (engine.isPresent()) {
            new ProcessBuilder("kill", "-" + name, Long.toString(engine.get().pid()))
                    .start()
                    .waitFor();
        }
    }
}

package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.FolderLock;
import dev.firn.base.NioDisk;
import dev.firn.base.WorldException;
import dev.firn.engine.child.EngineLibrary;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakeLs;
import dev.firn.lake.LakePaths;
import dev.firn.ops.bench.FirnChild;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/// The main job as its operator sees it: starts and refusals, stops, and what is there afterwards.
class ServeTest {
    private static final String NO_ENGINE = "engine: {enabled: false}";
    private static final String NO_LAKE = "lake: {enabled: false}";

    @TempDir Path folder;

    /// Servers of other tests may live as long as this process.
    private final List<ProcessHandle> before = ProcessHandle.current().children().toList();

    private void assertNoNewProcess() {
        assertThat(
                        ProcessHandle.current()
                                .children()
                                .filter(child -> child.isAlive() && !before.contains(child)))
                .isEmpty();
    }

    private Path data() {
        return folder.resolve("data");
    }

    private static void assertFree(Path data) {
        try (FolderLock lock = FolderLock.tryLock(data).orElseThrow()) {
            assertThat(lock).isNotNull();
        }
    }

    @Test
    void aHeldDataDirectoryIsRefusedWithOneMessage() throws Exception {
        Path config = folder.resolve("firn.yaml");
        Files.writeString(config, Served.config(NO_ENGINE));
        try (var served = new Served(data(), NO_ENGINE)) {
            Served.Ran ran =
                    Served.process(
                            folder,
                            "serve",
                            "--config",
                            config.toString(),
                            "--data",
                            data().toString());
            assertThat(ran.exit()).isEqualTo(1);
            assertThat(ran.err().lines().filter(line -> line.startsWith("firn: ")))
                    .singleElement()
                    .asString()
                    .contains("cannot open data directory \"" + data() + "\"")
                    .contains("another process holds it (pid " + ProcessHandle.current().pid())
                    .contains("url " + served.running.url())
                    .contains("--data DIR");
            assertThat(ran.out()).isEmpty();
            served.sendAll(0, 1); // the first goes on
        }
        assertFree(data());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "web: {endpoint: \"127.0.0.1:%d\"} | web.endpoint",
                "receivers: {otlp: {protocols: {grpc: {endpoint: \"127.0.0.1:%d\"}}}} |"
                        + " receivers.otlp.protocols.grpc.endpoint",
                "receivers: {otlp: {protocols: {http: {endpoint: \"127.0.0.1:%d\"}}}} |"
                        + " receivers.otlp.protocols.http.endpoint",
                "engine: {endpoint: \"127.0.0.1:%d\", library: \"LIBRARY\"} | engine.endpoint"
            })
    void aPortInUseEndsTheStartAndLeavesNothingBehind(String section, String key)
            throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            int port = taken.getLocalPort();
            String more =
                    section.formatted(port).replace("LIBRARY", EngineLibrary.find().toString());
            if (!section.startsWith("engine")) {
                more += "\n" + NO_ENGINE;
            }
            String config = more;
            assertThatThrownBy(() -> new Served(data(), config).close())
                    .isInstanceOf(WorldException.class)
                    .hasMessageContaining("cannot listen")
                    .hasMessageContaining("127.0.0.1:" + port)
                    .hasMessageContaining(key);
            assertNoNewProcess();
        }
        assertFree(data());
        try (var served = new Served(data(), NO_ENGINE)) {
            served.sendAll(0, 1);
            served.assertLakeRows(Served.POINTS);
        }
    }

    @Test
    void aPortInUseExitsWithOne() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            Path config = folder.resolve("firn.yaml");
            Files.writeString(
                    config,
                    Served.config(
                            "web: {endpoint: \"127.0.0.1:%d\"}".formatted(taken.getLocalPort())));
            Served.Ran ran =
                    Served.process(
                            folder,
                            "serve",
                            "--config",
                            config.toString(),
                            "--data",
                            data().toString());
            assertThat(ran.exit()).isEqualTo(1);
            assertThat(ran.err().lines().filter(line -> line.startsWith("firn: ")))
                    .singleElement()
                    .asString()
                    .contains("set web.endpoint");
        }
        assertFree(data());
    }

    @Test
    void sigtermEndsWithTheLastCommitAndTheNextStartGoesOn() throws Exception {
        FirnChild firn =
                FirnChild.start(folder, List.of("-Xmx512m"), EngineLibrary.find().toString());
        try {
            for (int number = 0; number < 5; number++) {
                send(firn, number);
            }
            long began = System.nanoTime();
            assertThat(firn.stop()).isZero();
            double seconds = (System.nanoTime() - began) / 1e9;
            assertThat(seconds).isLessThan(15);
            LoggerFactory.getLogger(ServeTest.class).warn("stopped in {} s", seconds);
            assertThat(rowsOnDisk(firn.data())).isEqualTo(5 * Served.POINTS);
            assertFree(firn.data());

            firn = firn.again();
            long cuts = firn.json("/api/firn/v1/info").get("newest_cut").asLong();
            assertThat(cuts).isPositive();
            send(firn, 4); // the sender never saw its answer
            send(firn, 5);
            assertThat(firn.json("/api/firn/v1/lake/verify").get("differences")).isEmpty();
            assertThat(firn.json("/api/firn/v1/info").get("newest_cut").asLong())
                    .isGreaterThan(cuts);
            assertThat(firn.sql("SELECT toString(count()) AS n FROM samples").getFirst().get("n"))
                    .hasToString("\"" + 6 * Served.POINTS + "\"");
            assertThat(firn.stop()).isZero();
            assertThat(rowsOnDisk(firn.data())).isEqualTo(6 * Served.POINTS);
        } finally {
            firn.close();
        }
    }

    @Test
    void sigtermEndsAStartThatHangsInTheEngine() throws Exception {
        Path config = Files.writeString(folder.resolve("firn.yaml"), Served.config(""));
        Path log = folder.resolve("log.txt");
        Process firn =
                Served.builder("serve", "--config", config.toString(), "--data", data().toString())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        try {
            Served.await(() -> engineOf(firn).isPresent() || !firn.isAlive());
            ProcessHandle engine = engineOf(firn).orElseThrow();
            // It says nothing from now on, as a library on a dead network disk.
            assertThat(
                            new ProcessBuilder("kill", "-STOP", Long.toString(engine.pid()))
                                    .start()
                                    .waitFor())
                    .isZero();
            firn.destroy();
            assertThat(firn.waitFor(15, TimeUnit.SECONDS)).as(Files.readString(log)).isTrue();
            assertThat(firn.exitValue()).as(Files.readString(log)).isZero();
            assertThat(Files.readString(log))
                    .contains("firn: stopped while starting")
                    .doesNotContain("stopping takes too long");
            Served.await(() -> !engine.isAlive());
            assertFree(data());
        } finally {
            firn.destroyForcibly();
        }
    }

    /// Its child once that is Java: before, it is the JDK's own helper, for which the JDK waits.
    private static Optional<ProcessHandle> engineOf(Process firn) {
        return firn.children()
                .filter(child -> child.info().command().orElse("").endsWith("java"))
                .findAny();
    }

    private static void send(FirnChild firn, int number) {
        assertThat(Served.send(firn.otlp().toString(), Served.body(number)).statusCode())
                .isEqualTo(200);
    }

    private static long rowsOnDisk(Path data) {
        try (var catalog = LakeCatalog.sqlite(data, new NioDisk())) {
            return new LakeLs(catalog).table(LakePaths.POINTS).rows();
        }
    }

    @Test
    void withoutAnEngineTheLakeAloneKeepsThePoints() {
        try (var served = new Served(data(), NO_ENGINE)) {
            assertThat(served.get("/ready").statusCode()).isEqualTo(200);
            served.sendAll(0, 3);
            served.assertLakeRows(3 * Served.POINTS);
            assertThat(served.post("/api/firn/v1/sql", "SELECT 1").body())
                    .contains("engine.enabled is false");
            assertThat(served.get("/api/firn/v1/lake/verify").statusCode()).isEqualTo(404);
            assertNoNewProcess();
        }
    }

    @Test
    void withoutALakeTheEngineAloneKeepsThePoints() {
        try (var served = new Served(data(), NO_LAKE)) {
            served.sendAll(0, 3);
            awaitSamples(served, 3 * Served.POINTS);
            assertThat(served.get("/api/firn/v1/lake").statusCode()).isEqualTo(404);
            assertThat(data().resolve("lake")).doesNotExist();
        }
        try (var served = new Served(data(), NO_LAKE)) {
            served.sendAll(2, 4); // the first of them is a retry
            awaitSamples(served, 4 * Served.POINTS);
        }
    }

    private static void awaitSamples(Served served, long points) {
        Served.await(() -> served.sql("SELECT count() FROM samples").equals("" + points));
    }

    @Test
    void aPointIsSeenSoonAfterItsAcknowledgement() {
        try (var served = new Served(data(), "")) {
            long slowest = 0;
            for (int number = 0; number < 10; number++) {
                served.sendAll(number, number + 1);
                long acknowledged = System.nanoTime();
                awaitSamples(served, (number + 1L) * Served.POINTS);
                slowest = Math.max(slowest, System.nanoTime() - acknowledged);
            }
            LoggerFactory.getLogger(ServeTest.class)
                    .warn("a point is seen in SQL after at most {} ms", slowest / 1_000_000);
            assertThat(slowest).as("2 s are promised").isLessThan(10_000_000_000L);
        }
    }
}

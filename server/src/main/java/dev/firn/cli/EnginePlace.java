package dev.firn.cli;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.base.security.Tls;
import dev.firn.config.Config;
import dev.firn.config.EngineServerConfig;
import dev.firn.engine.ClusterSql;
import dev.firn.engine.EngineClient;
import dev.firn.engine.EngineCluster;
import dev.firn.engine.EngineException;
import dev.firn.engine.EngineHome;
import dev.firn.engine.EngineVersion;
import dev.firn.engine.Schema;
import dev.firn.engine.TimePrecision;
import dev.firn.engine.child.Act;
import dev.firn.engine.child.EngineConfig;
import dev.firn.engine.child.EngineProcess;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Where ClickHouse is, for the server and for commands: a child of this process, or a server that
/// `engine.url` names.
public sealed interface EnginePlace extends AutoCloseable {
    /// Its HTTP interface.
    String url();

    /// Headers that the web server shows to ask as a reader.
    Map<String, String> reader();

    /// Grows when another process answers there, as far as Firn can know.
    long generation();

    /// Whether it answers.
    boolean alive();

    /// Whether it can open files by the paths that this process knows, and addresses of loopback.
    boolean opensFiles();

    /// Firn's own user.
    EngineClient client(Clock clock, Duration timeout);

    /// The tables there.
    Schema schema();

    /// What whoever fills it must know of it.
    ///
    /// @param inserts what the query ids of all inserts of the writer begin with
    /// @param prepare done at start before anything is stored, and again until it goes well
    EngineHome home(
            EngineClient client, String inserts, Clock clock, EngineHome.Preparation prepare);

    @Override
    void close();

    /// The place that a configuration names, for a command: a child is modest, and ends with it.
    static EnginePlace forCommand(Path data, Config.Engine engine) {
        return engine.server()
                .map(server -> server(server, engine))
                .orElseGet(
                        () -> child(EngineAt.forCommand(data, engine), engine, new OwnMetrics()));
    }

    /// Starts a child.
    static EnginePlace child(EngineConfig config, Config.Engine engine, OwnMetrics metrics) {
        return child(config, engine, metrics, _ -> {});
    }

    /// The same, and tells what administrators write there.
    static EnginePlace child(
            EngineConfig config, Config.Engine engine, OwnMetrics metrics, Consumer<Act> acts) {
        return new OfChild(EngineProcess.start(config, metrics, acts), engine);
    }

    /// A server; nothing is asked of it yet.
    static EnginePlace server(EngineServerConfig server, Config.Engine engine) {
        return new OfServer(server, engine);
    }

    /// A child process.
    final class OfChild implements EnginePlace {
        private final EngineProcess process;
        private final Config.Engine engine;

        private OfChild(EngineProcess process, Config.Engine engine) {
            this.process = process;
            this.engine = engine;
        }

        @Override
        public String url() {
            return process.url();
        }

        @Override
        public long generation() {
            return process.generation();
        }

        @Override
        public boolean alive() {
            return process.alive();
        }

        @Override
        public boolean opensFiles() {
            return true;
        }

        @Override
        public Map<String, String> reader() {
            return Map.of("X-ClickHouse-User", "default", "X-ClickHouse-Key", process.readerKey());
        }

        @Override
        public EngineClient client(Clock clock, Duration timeout) {
            return new EngineClient(
                    () ->
                            new EngineClient.Access(
                                    URI.create(process.url()), "firn", process.secret()),
                    clock,
                    timeout);
        }

        @Override
        public Schema schema() {
            return new Schema(engine.database(), TimePrecision.of(engine.timePrecision()));
        }

        @Override
        public EngineHome home(
                EngineClient client, String inserts, Clock clock, EngineHome.Preparation prepare) {
            return EngineHome.child(process::restart);
        }

        @Override
        public void close() {
            process.close();
        }
    }

    /// A server or cluster.
    final class OfServer implements EnginePlace {
        private static final Duration PING_MAX = Duration.ofSeconds(5);
        private static final long PING_NANOS = 3_000_000_000L;

        private final EngineServerConfig server;
        private final Config.Engine engine;
        private final Optional<Tls> tls;
        private final @Nullable EngineCluster cluster;
        private final EngineClient pinger;
        private final ReentrantLock pinging = new ReentrantLock();
        private volatile boolean answers;
        private volatile long askedTicks;

        private OfServer(EngineServerConfig server, Config.Engine engine) {
            this.server = server;
            this.engine = engine;
            Clock clock = Clock.system();
            this.tls = server.tls().map(one -> Tls.client(one.settings(), clock));
            this.cluster =
                    server.clustered()
                            ? new EngineCluster(
                                    new ClusterSql(
                                            server.cluster(),
                                            engine.database(),
                                            server.keeperPath()),
                                    server.insertQuorum())
                            : null;
            this.pinger = client(clock, PING_MAX);
            this.askedTicks = clock.ticks() - PING_NANOS;
        }

        @Override
        public String url() {
            String url = server.url().toString();
            return url.substring(0, url.length() - 1);
        }

        @Override
        public long generation() {
            return 1;
        }

        @Override
        public boolean opensFiles() {
            return server.onThisMachine() && !server.clustered();
        }

        @Override
        public Map<String, String> reader() {
            return Map.of();
        }

        /// As it was a few seconds ago at most.
        @Override
        public boolean alive() {
            if (System.nanoTime() - askedTicks >= PING_NANOS && pinging.tryLock()) {
                try {
                    pinger.ping();
                    answers = true;
                } catch (EngineException e) {
                    answers = false;
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } finally {
                    askedTicks = System.nanoTime();
                    pinging.unlock();
                }
            }
            return answers;
        }

        @Override
        public EngineClient client(Clock clock, Duration timeout) {
            boolean byCertificate =
                    server.password().value().isEmpty()
                            && server.tls()
                                    .flatMap(one -> one.settings().certificate())
                                    .isPresent();
            var access =
                    new EngineClient.Access(
                            server.url(), server.user(), server.password().value(), byCertificate);
            return new EngineClient(
                    () -> access,
                    clock,
                    timeout,
                    tls,
                    cluster == null ? EngineClient.Dialect.PLAIN : cluster.dialect());
        }

        @Override
        public Schema schema() {
            return new Schema(engine.database(), TimePrecision.of(engine.timePrecision()), cluster);
        }

        @Override
        public EngineHome home(
                EngineClient client, String inserts, Clock clock, EngineHome.Preparation prepare) {
            return EngineHome.server(
                    client,
                    inserts,
                    clock,
                    () -> {
                        EngineVersion.check(client);
                        prepare.run();
                    });
        }

        @Override
        public void close() {
            pinger.close();
        }
    }
}

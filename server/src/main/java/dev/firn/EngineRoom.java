package dev.firn;

import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Worker;
import dev.firn.base.WorldException;
import dev.firn.base.security.Tls;
import dev.firn.cli.EngineAt;
import dev.firn.cli.EnginePlace;
import dev.firn.config.Config;
import dev.firn.config.Quantity;
import dev.firn.config.WebConfig;
import dev.firn.engine.EngineClient;
import dev.firn.engine.EngineFeed;
import dev.firn.engine.EngineFeeds;
import dev.firn.engine.EngineFollower;
import dev.firn.engine.EngineSink;
import dev.firn.engine.Failpoint;
import dev.firn.engine.Retention;
import dev.firn.engine.Rollups;
import dev.firn.engine.Schema;
import dev.firn.engine.TlsFront;
import dev.firn.engine.child.Act;
import dev.firn.engine.child.CacheLimits;
import dev.firn.engine.child.EngineAccounts;
import dev.firn.engine.child.EngineConfig;
import dev.firn.engine.child.EngineProcess;
import dev.firn.engine.child.QueryLimits;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakePoints;
import dev.firn.model.CutLog;
import dev.firn.model.LakeHistory;
import dev.firn.model.SeriesIdentity;
import dev.firn.query.EngineQueries;
import dev.firn.query.Queries;
import dev.firn.query.SloDefinitions;
import dev.firn.query.promql.store.PromqlService;
import dev.firn.query.promql.store.PromqlStore;
import dev.firn.wal.Wal;
import dev.firn.web.Task;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// ClickHouse (a child or a server), its schema, and the sink that fills it.
final class EngineRoom implements AutoCloseable {
    private static final String LOOPBACK = "127.0.0.1";
    private static final Duration INSERT_TIMEOUT = Duration.ofSeconds(120);
    private static final long CLICKHOUSE_BYTES_MIN = 256L << 20;
    private static final long DRAIN_MILLIS = 3_000;
    private static final long WORKER_MILLIS = 3_000;
    private static final Logger LOG = LoggerFactory.getLogger(EngineRoom.class);

    private final CutLog log;
    private final EnginePlace place;
    private final EngineClient client;
    private final Schema schema;
    private final EngineFeed feed;
    private final Optional<Front> front;
    private final Queries queries;
    private final PromqlService promql;
    private final EnginePreparation preparation;
    private final SloDefinitions objectives;
    private final Worker worker;
    private final Worker rollupWorker;
    private final Worker objectiveWorker;

    private EngineRoom(
            CutLog log,
            EnginePlace place,
            EngineClient client,
            Schema schema,
            EngineFeed feed,
            Rollups rollups,
            EnginePreparation preparation,
            Queries queries,
            SloDefinitions objectives,
            PromqlService promql,
            Optional<Front> front) {
        this.front = front;
        this.queries = queries;
        this.promql = promql;
        this.preparation = preparation;
        this.log = log;
        this.schema = schema;
        this.place = place;
        this.client = client;
        this.feed = feed;
        this.objectives = objectives;
        this.worker = Worker.start("engine-sink", feed);
        this.rollupWorker = Worker.start("rollups", preparation.resting(rollups));
        this.objectiveWorker =
                Worker.start(
                        "objectives",
                        preparation.after(() -> objectives.step(client, schema.database())));
    }

    static EngineRoom open(
            Config config,
            Path data,
            long memoryBytes,
            Clock clock,
            Wal wal,
            @Nullable LakeCatalog lake,
            OwnMetrics metrics,
            Consumer<Act> acts)
            throws InterruptedException {
        EnginePlace place = place(config, data, memoryBytes, metrics, acts);
        EngineClient client = place.client(clock, INSERT_TIMEOUT);
        try {
            return open(config, data, place, client, clock, wal, lake, metrics);
        } catch (RuntimeException | InterruptedException e) {
            try {
                client.close();
            } finally {
                place.close();
            }
            throw e;
        }
    }

    private static EnginePlace place(
            Config config, Path data, long memoryBytes, OwnMetrics metrics, Consumer<Act> acts) {
        Config.Engine engine = config.engine();
        if (engine.server().isEmpty()) {
            return EnginePlace.child(childConfig(config, data, memoryBytes), engine, metrics, acts);
        }
        EnginePlace place = EnginePlace.server(engine.server().get(), engine);
        metrics.gauge("firn_engine_up", "Whether the engine answers.", () -> place.alive() ? 1 : 0);
        return place;
    }

    private static EngineRoom open(
            Config config,
            Path data,
            EnginePlace place,
            EngineClient client,
            Clock clock,
            Wal wal,
            @Nullable LakeCatalog lake,
            OwnMetrics metrics)
            throws InterruptedException {
        Schema schema = place.schema();
        SloDefinitions objectives = SloDefinitions.open(data);
        var queries =
                new EngineQueries(
                        client, schema.database(), config.engine().classes(), clock, metrics);
        var rollups =
                new Rollups(
                        client,
                        schema,
                        config.rollup(),
                        Retention.rules(
                                config.engine().retentionDays(), config.engine().retentionRules()),
                        clock,
                        metrics,
                        Failpoint.NONE);
        var preparation =
                new EnginePreparation(
                        place,
                        client,
                        schema,
                        objectives,
                        rollups,
                        lake != null && place.opensFiles());
        preparation.atStart();
        LakeHistory history =
                lake == null
                        ? null
                        : new LakePoints(
                                lake,
                                config.engine().followAgeMaxNanos() / 1_000_000,
                                SeriesIdentity.SHA_256,
                                clock);
        String inserts = EngineFeeds.queryIdPrefix(config.engine(), wal.writer());
        EngineFeed feed =
                new EngineFeeds(
                                config.engine(),
                                history,
                                client,
                                place.home(client, inserts, clock, preparation),
                                schema,
                                wal.checkpoints(),
                                clock,
                                metrics,
                                config.engine().followIntervalNanos() / 1_000_000)
                        .open(wal);
        return new EngineRoom(
                wal,
                place,
                client,
                schema,
                feed,
                rollups,
                preparation,
                queries,
                objectives,
                promql(config, client, metrics),
                front(config, place, clock));
    }

    /// What others ask instead of the engine.
    ///
    /// @param url by a name that its certificate may have
    private record Front(TlsFront server, String url) {}

    private static Optional<Front> front(Config config, EnginePlace place, Clock clock) {
        Config.Address at = config.engine().endpoint();
        return config.engine()
                .tls()
                .map(tls ->
                        TlsFront.open(
                                new InetSocketAddress(at.host(), at.port()),
                                Tls.server(tls.settings(), clock),
                                () -> URI.create(place.url())))
                .map(server -> new Front(server, config.web().secureUrl(at, server.port())));
    }

    private static PromqlService promql(Config config, EngineClient client, OwnMetrics metrics) {
        var store =
                new PromqlStore(
                        client,
                        config.engine().database(),
                        config.promql(),
                        config.engine().classes().interactive(),
                        PromqlStore.ZERO_THRESHOLD,
                        System::nanoTime);
        return new PromqlService(store, config.promql(), System::nanoTime, metrics);
    }

    private static EngineConfig childConfig(Config config, Path data, long memoryBytes) {
        Config.Engine engine = config.engine();
        var cache = config.engine().cache();
        var cacheLimits =
                new CacheLimits(
                        cache.memoryMax(),
                        cache.entriesMax(),
                        cache.entryMax(),
                        (int) (cache.ttlNanos() / 1_000_000_000L));
        long clickHouseBytes = memoryBytes - cache.memoryMax();
        if (clickHouseBytes < CLICKHOUSE_BYTES_MIN) {
            throw new InputException(
                    "engine.cache.memory_max of "
                            + Quantity.showBytes(cache.memoryMax())
                            + " leaves less than "
                            + Quantity.showBytes(CLICKHOUSE_BYTES_MIN)
                            + " of the engine's "
                            + Quantity.showBytes(memoryBytes)
                            + "; lower it or raise memory.max");
        }
        QueryLimits limits = QueryLimits.within(clickHouseBytes);
        return new EngineConfig(
                EngineAt.library(engine.library()),
                EngineAt.folder(data),
                engine.tls().isPresent() ? LOOPBACK : engine.endpoint().host(),
                engine.tls().isPresent() ? 0 : engine.endpoint().port(),
                EngineProcess.newSecret(),
                clickHouseBytes,
                engine.database(),
                new QueryLimits(
                        engine.queriesMax(),
                        engine.queriesPerUser(),
                        limits.threadsMax(),
                        (int) Math.max(1, engine.queryTimeMaxNanos() / 1_000_000_000),
                        limits.queryMemoryBytesMax(),
                        limits.connectionsMax(),
                        engine.classes().slowNanos() / 1_000_000),
                cacheLimits,
                engine.users().password(),
                accounts(config.web()));
    }

    /// Who may ask the web server may ask the engine.
    private static EngineAccounts accounts(WebConfig web) {
        return new EngineAccounts(
                web.users().users(),
                web.users().passwords(),
                web.users().anonymous(),
                Optional.of(web.hosts()));
    }

    /// What the web server shows of itself to ask as a reader.
    Map<String, String> reader() {
        return place.reader();
    }

    /// Where ClickHouse's HTTP interface is for others.
    String url() {
        return front.map(Front::url).orElseGet(place::url);
    }

    /// Where it is for this process.
    String ownUrl() {
        return place.url();
    }

    /// Grows with each start of the child; a server's are not known.
    long generation() {
        return place.generation();
    }

    /// Whether it answers.
    boolean alive() {
        return place.alive();
    }

    /// `firn engine backup`: empty where a server is the engine.
    Optional<Task> backup(Path data, Clock clock) {
        return place instanceof EnginePlace.OfChild
                ? Optional.of(new EngineBackups(place, feed, schema, preparation, data, clock))
                : Optional.empty();
    }

    /// Whether the tables are there: a server may have been away since the start.
    boolean prepared() {
        return preparation.done();
    }

    /// Work that begins when they are.
    Worker.Duty after(Worker.Duty work) {
        return preparation.after(work);
    }

    /// What to say while it does not answer.
    String down() {
        return place instanceof EnginePlace.OfServer
                ? "the engine at " + place.url() + " does not answer"
                : "the engine is being restarted";
    }

    /// Whether it can open the lake's files where this process does.
    boolean opensFiles() {
        return place.opensFiles();
    }

    /// Whether its front end counts what queries take ([dev.firn.query.QueryCosts]).
    boolean countsQueries() {
        return place instanceof EnginePlace.OfChild;
    }

    /// Rows of `slo_definitions`.
    SloDefinitions objectives() {
        return objectives;
    }

    /// For verification: the engine as the internal user.
    EngineClient client() {
        return client;
    }

    /// Asks the engine, within limits by class of user.
    Queries queries() {
        return queries;
    }

    /// Answers PromQL.
    PromqlService promql() {
        return promql;
    }

    /// The schema in force.
    Schema schema() {
        return schema;
    }

    /// Who fills it, for its troubles.
    EngineFeed feed() {
        return feed;
    }

    /// The snapshot that a follower's engine shows; 0 for none or if it is not at rest.
    long applied() {
        return feed instanceof EngineFollower follower ? follower.applied() : 0;
    }

    /// The log's sink; null if the engine follows the lake.
    @Nullable EngineSink sink() {
        return feed instanceof EngineSink sink ? sink : null;
    }

    /// The cut of this log up to which it has all points; [Long#MAX_VALUE] if it has none of the
    /// log's, negative while the lake is read into it.
    long reconcilable() {
        EngineSink sink = sink();
        if (sink == null) {
            return Long.MAX_VALUE;
        }
        return sink.lakeProgress().running() ? -1 : sink.done();
    }

    /// Takes in what is cut, for a moment; the log keeps what is left for the next start.
    @Override
    public void close() {
        front.ifPresent(one -> one.server.close());
        try {
            drain();
        } finally {
            try {
                objectiveWorker.close(WORKER_MILLIS);
                rollupWorker.close(WORKER_MILLIS);
                worker.close(WORKER_MILLIS);
            } finally {
                try {
                    client.close();
                } finally {
                    place.close();
                }
            }
        }
    }

    private void drain() {
        EngineSink sink = sink();
        if (sink == null) {
            return; // the lake keeps what is not in yet
        }
        long newest = newest();
        long deadline = System.nanoTime() + DRAIN_MILLIS * 1_000_000;
        while (sink.done() < newest
                && sink.stopped() == null
                && place.alive()
                && System.nanoTime() - deadline < 0) {
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private long newest() {
        try {
            return log.cutNow();
        } catch (WorldException e) {
            LOG.warn("closing without the last cut: {}", e.getMessage());
            return log.newest();
        }
    }
}

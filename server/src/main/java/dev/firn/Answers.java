package dev.firn;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.cli.Version;
import dev.firn.config.RollupConfig;
import dev.firn.engine.EngineSink;
import dev.firn.lake.LakeLs;
import dev.firn.lake.LakePaths;
import dev.firn.ops.Verification;
import dev.firn.ops.health.Health;
import dev.firn.query.Annotations;
import dev.firn.query.FileServer;
import dev.firn.query.LakeQuestions;
import dev.firn.query.LakeViews;
import dev.firn.query.PastRequests;
import dev.firn.query.SavedViews;
import dev.firn.query.StateFile;
import dev.firn.receive.PlaneWatch;
import dev.firn.wal.Quarantine;
import dev.firn.wal.Wal;
import dev.firn.web.Reading;
import dev.firn.web.Sources;
import dev.firn.web.Status;
import dev.firn.web.Task;
import dev.firn.web.page.DashboardAnswers;
import dev.firn.web.page.LiveFeed;
import dev.firn.web.page.LiveRequests;
import io.helidon.webserver.http.Handler;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What the web interface says about the rooms.
final class Answers {
    private static final long COMMIT_MILLIS = 60_000;

    private final int retentionDays; // for which lake and engine both keep all rows
    private final Path data;
    private final Wal wal;
    private final @Nullable LakeRoom lake;
    private final Map<String, Task> tasks;
    private final AlertRoom alerts;
    private final RuleRoom rules;
    private final Optional<Handler> remoteWrite;
    private final @Nullable AnalyseRoom analyses;
    private final CostRoom costs;
    private final @Nullable EngineRoom engine;
    private final RollupConfig rollup;
    private final @Nullable LakeViews views;
    private final FileServer files;
    private final OwnMetrics metrics;
    private final Clock clock;
    private final PlaneWatch planes;
    private final Optional<Sources.Iceberg> iceberg;
    private final long began;
    private volatile boolean receiving;
    private volatile boolean engineAnswered;

    Answers(
            int retentionDays,
            Path data,
            Wal wal,
            @Nullable LakeRoom lake,
            Map<String, Task> tasks,
            AlertRoom alerts,
            RuleRoom rules,
            Optional<Handler> remoteWrite,
            @Nullable AnalyseRoom analyses,
            CostRoom costs,
            @Nullable EngineRoom engine,
            RollupConfig rollup,
            @Nullable LakeViews views,
            FileServer files,
            OwnMetrics metrics,
            Clock clock,
            PlaneWatch planes,
            Optional<Sources.Iceberg> iceberg) {
        this.retentionDays = retentionDays;
        this.data = data;
        this.wal = wal;
        this.lake = lake;
        this.tasks = tasks;
        this.alerts = alerts;
        this.rules = rules;
        this.remoteWrite = remoteWrite;
        this.analyses = analyses;
        this.costs = costs;
        this.engine = engine;
        this.rollup = rollup;
        this.views = views;
        this.files = files;
        this.metrics = metrics;
        this.clock = clock;
        this.planes = planes;
        this.iceberg = iceberg;
        this.began = clock.ticks();
    }

    /// The receivers accept now.
    void receiving() {
        receiving = true;
    }

    /// Whether they do.
    boolean isReceiving() {
        return receiving;
    }

    Sources sources(Supplier<Health> health) {
        StateFile state = StateFile.open(data);
        return new Sources(
                this::status,
                health,
                metrics::page,
                this::info,
                engine == null ? Optional.empty() : Optional.of(engine::ownUrl),
                engine == null ? Map::of : engine::reader,
                engine == null ? "" : engine.schema().database(),
                lake == null
                        ? Optional.empty()
                        : Optional.of(() -> new LakeLs(lake.catalog()).tables()),
                verify(),
                lakeQuestions(),
                Optional.ofNullable(engine).map(EngineRoom::promql),
                rules.service(),
                remoteWrite,
                wal::inspect,
                wal::verify,
                iceberg,
                new QuarantineRetry(wal.quarantine(), wal.writer(), lake, engine)::run,
                Optional.ofNullable(engine).map(this::live),
                new Annotations(state),
                new SavedViews(state),
                readings(),
                tasks);
    }

    private LiveFeed live(EngineRoom room) {
        var requests = new LiveRequests(clock);
        room.feed().watch(requests);
        return new LiveFeed(planes, requests, () -> progress(room), clock, metrics);
    }

    /// How many cuts of the log lake and engine are behind.
    private Map<String, Object> progress(EngineRoom room) {
        var progress = new LinkedHashMap<String, Object>();
        EngineSink sink = room.sink();
        if (sink != null) {
            progress.put("engine_cuts_behind", Math.max(0, wal.newest() - sink.done()));
        }
        if (lake != null) {
            progress.put("lake_cuts_behind", Math.max(0, wal.newest() - lake.sink().committed()));
        }
        return progress;
    }

    private Map<String, Reading> readings() {
        var readings = new LinkedHashMap<>(costs.readings());
        readings.putAll(alerts.readings());
        if (analyses != null) {
            readings.putAll(analyses.readings());
        }
        if (engine != null) {
            Optional<PastRequests> past =
                    lakeQuestions()
                            .map(lake ->
                                    new PastRequests(
                                            lake, engine.client(), engine.schema(), rollup));
            readings.putAll(
                    new DashboardAnswers(
                                    engine.client(),
                                    engine.schema().database(),
                                    past,
                                    planes,
                                    clock)
                            .readings());
        }
        return readings;
    }

    private Status status() {
        var waitingFor = new ArrayList<String>();
        if (!receiving) {
            waitingFor.add("receivers");
        }
        // Once it has answered, a restart of the engine does not make Firn unready.
        engineAnswered |= engine == null || engine.alive();
        if (!engineAnswered) {
            waitingFor.add("engine");
        }
        return new Status(waitingFor.isEmpty(), waitingFor, troubles());
    }

    private List<String> troubles() {
        var troubles = new ArrayList<String>();
        Optional.ofNullable(wal.stopReason())
                .ifPresent(reason -> troubles.add("log stopped: " + reason));
        if (lake != null) {
            Optional.ofNullable(lake.sink().stopped())
                    .ifPresent(reason -> troubles.add("lake stopped: " + reason));
            Optional.ofNullable(lake.sink().trouble()).ifPresent(troubles::add);
        }
        if (engine != null) {
            Optional.ofNullable(engine.feed().stopped())
                    .ifPresent(reason -> troubles.add("engine stopped: " + reason));
            troubles.addAll(engine.feed().troubles());
            if (!engine.alive()) {
                troubles.add(engine.down());
            }
        }
        if (analyses != null) {
            troubles.addAll(analyses.troubles());
        }
        troubles.addAll(costs.troubles());
        troubles.addAll(alerts.troubles());
        if (views != null) {
            Optional.ofNullable(views.trouble()).ifPresent(troubles::add);
        }
        var quarantined =
                wal.quarantine().entries().stream()
                        .collect(
                                Collectors.groupingBy(
                                        Quarantine.Entry::sink, Collectors.counting()));
        quarantined.forEach((sink, cuts) ->
                troubles.add(
                        cuts
                                + " cuts that the "
                                + sink
                                + " refused lie in quarantine; mend the cause, then run firn wal"
                                + " retry"));
        return troubles;
    }

    private Map<String, Object> info() {
        Version version = Version.current();
        var info = new LinkedHashMap<String, Object>();
        info.put("version", version.firn());
        info.put("engine_version", version.engine());
        info.put("data", data.toString());
        info.put("writer", wal.writer());
        info.put("newest_cut", wal.newest());
        info.put("lake_cut", lake == null ? null : lake.sink().committed());
        EngineSink sink = engine == null ? null : engine.sink();
        info.put("engine_cut", sink == null ? null : sink.done());
        info.put("engine_url", engine == null ? null : engine.url());
        info.put("uptime_seconds", (clock.ticks() - began) / 1_000_000_000);
        return info;
    }

    private Optional<Supplier<Object>> verify() {
        LakeRoom lakeRoom = lake;
        EngineRoom engineRoom = engine;
        if (lakeRoom == null || engineRoom == null) {
            return Optional.empty();
        }
        return Optional.of(() -> verify(lakeRoom, engineRoom));
    }

    private Optional<LakeQuestions> lakeQuestions() {
        return lake == null || engine == null || !engine.opensFiles()
                ? Optional.empty()
                : Optional.of(
                        new LakeQuestions(
                                lake.catalog(),
                                engine.client(),
                                files,
                                engine.schema().database()));
    }

    private Object verify(LakeRoom lakeRoom, EngineRoom engineRoom) {
        try {
            lakeRoom.sink().commitNow(COMMIT_MILLIS);
            long deadline = clock.ticks() + COMMIT_MILLIS * 1_000_000;
            while (behind(lakeRoom, engineRoom) && clock.ticks() - deadline < 0) {
                Thread.sleep(20);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Verification.run(
                lakeRoom.catalog(),
                engineRoom.client(),
                engineRoom.schema(),
                retentionDays,
                engineRoom.sink() == null ? Optional.empty() : Optional.of(wal.writer()),
                clock);
    }

    /// A follower stands at no cut, but at the newest snapshot when it is at rest.
    private static boolean behind(LakeRoom lakeRoom, EngineRoom engineRoom) {
        EngineSink sink = engineRoom.sink();
        return engineRoom.feed().lakeProgress().running()
                || (sink == null
                        ? engineRoom.applied()
                                != new LakeLs(lakeRoom.catalog()).snapshot(LakePaths.POINTS)
                        : sink.done() < lakeRoom.sink().committed());
    }
}

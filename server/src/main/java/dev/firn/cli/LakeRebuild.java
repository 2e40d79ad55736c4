package dev.firn.cli;

import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.base.NioDisk;
import dev.firn.base.OwnMetrics;
import dev.firn.base.WorldException;
import dev.firn.config.Config;
import dev.firn.engine.DayRange;
import dev.firn.engine.EngineClient;
import dev.firn.engine.EngineFeed;
import dev.firn.engine.EngineFeeds;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakePoints;
import dev.firn.model.LakeHistory;
import dev.firn.model.Retried;
import dev.firn.model.SeriesIdentity;
import dev.firn.ops.DayText;
import dev.firn.wal.WalInspector;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

@Command(
        name = "rebuild-engine",
        mixinStandardHelpOptions = true,
        description = {
            "Loads the engine anew from the lake: all of it, or whole UTC days. May be broken off: the",
            "same command, or the next start of Firn, goes on where it was.",
            "With engine.source: wal this Firn's own points, with lake those of every writer."
        },
        footer = {
            "",
            "Examples:",
            "  firn lake rebuild-engine",
            "  firn lake rebuild-engine --from 2026-11-01 --to 2026-11-08",
            "  firn lake rebuild-engine --data /var/lib/firn --config firn.yaml"
        })
final class LakeRebuild implements Callable<Integer> {
    private static final Duration QUERY_MAX = Duration.ofMinutes(10);
    private static final long ASK_MILLIS = 600_000;
    private static final long SHOW_MILLIS = 1_000;

    @Mixin private final InstanceOption instance = new InstanceOption();
    @Mixin private final ConfigOption config = new ConfigOption();

    @Option(names = "--from", paramLabel = "DATE", description = "The first UTC day.")
    @Nullable String from;

    @Option(names = "--to", paramLabel = "DATE", description = "The UTC day after the last.")
    @Nullable String to;

    @Override
    public Integer call() throws InterruptedException {
        DayRange range = DayText.range(from, to);
        Optional<InstanceOption.Opened> opened = instance.open();
        if (opened.isEmpty()) {
            return remote(instance.remote());
        }
        try (InstanceOption.Opened data = opened.get()) {
            return local(data.directory(), config.read(), range);
        }
    }

    private int remote(Remote firn) {
        var days = new HashMap<String, String>();
        if (from != null) {
            days.put("from", from);
        }
        if (to != null) {
            days.put("to", to);
        }
        JsonNode done = firn.task("/api/firn/v1/lake/rebuild-engine", days, LakeTask::progress);
        System.out.println("rows\t" + done.get("rows"));
        return 0;
    }

    /// The directory is opened for the command, which does the work of the sink or the follower.
    private static int local(Path data, Config config, DayRange range) throws InterruptedException {
        Clock clock = Clock.system();
        Config.Engine settings = config.engine();
        try (LakeCatalog catalog = LakeCommand.catalog(config.lake(), data);
                EnginePlace engine = EnginePlace.forCommand(data, settings);
                EngineClient client = engine.client(clock, QUERY_MAX)) {
            var history =
                    new LakePoints(
                            catalog,
                            settings.followAgeMaxNanos() / 1_000_000,
                            SeriesIdentity.SHA_256,
                            clock);
            EngineFeed feed = feed(data, settings, engine, client, history, clock);
            try {
                return run(feed, range);
            } finally {
                feed.onClose();
            }
        }
    }

    private static EngineFeed feed(
            Path data,
            Config.Engine settings,
            EnginePlace engine,
            EngineClient client,
            LakeHistory history,
            Clock clock) {
        var report = WalInspector.inspect(new NioDisk(), data);
        String inserts = EngineFeeds.queryIdPrefix(settings, report.writer());
        long newest = Math.max(history.newest().position(report.writer()), newest(report));
        return new EngineFeeds(
                        settings,
                        history,
                        client,
                        engine.home(client, inserts, clock, () -> {}),
                        engine.schema(),
                        WalInspector.checkpoints(new NioDisk(), data),
                        clock,
                        new OwnMetrics(),
                        SHOW_MILLIS)
                .open(new ClosedLog(report.writer(), new SecureRandom().nextLong(), newest));
    }

    private static long newest(WalInspector.Report report) {
        long cuts = report.cuts().isEmpty() ? 0 : report.cuts().getLast().sequence();
        return report.sinks().stream().mapToLong(sink -> sink.sequence()).reduce(cuts, Math::max);
    }

    /// The feed works on this thread; another asks it to begin.
    private static int run(EngineFeed feed, DayRange range) throws InterruptedException {
        var asked = new FutureTask<Retried>(() -> feed.rebuild(range, ASK_MILLIS));
        Thread.ofVirtual().start(asked);
        long shown = System.nanoTime();
        while (!asked.isDone() || feed.lakeProgress().running()) {
            String stopped = feed.stopped();
            if (stopped != null) {
                throw new WorldException("cannot rebuild the engine: " + stopped);
            }
            feed.run();
            if (System.nanoTime() - shown > SHOW_MILLIS * 1_000_000) {
                shown = System.nanoTime();
                feed.troubles().forEach(trouble -> LakeTask.progress(trouble));
                LakeTask.progress(feed.lakeProgress().describe());
            }
        }
        Retried begun = outcome(asked);
        if (!begun.taken()) {
            throw new InputException("cannot rebuild the engine: " + begun.outcome());
        }
        System.out.println("rows\t" + feed.lakeProgress().rowsDone());
        return 0;
    }

    private static Retried outcome(FutureTask<Retried> asked) throws InterruptedException {
        try {
            return asked.get();
        } catch (ExecutionException e) {
            throw new WorldException("cannot rebuild the engine: " + e.getCause(), e);
        }
    }
}

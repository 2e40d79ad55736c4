package dev.firn.cli;

import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.base.NioDisk;
import dev.firn.base.OwnMetrics;
import dev.firn.base.WorldException;
import dev.firn.config.Config;
import dev.firn.config.LakeKeepConfig;
import dev.firn.engine.EngineErasure;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakeLs;
import dev.firn.lake.LakePace;
import dev.firn.lake.LakePaths;
import dev.firn.lake.keep.KeepMetrics;
import dev.firn.model.Position;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.ops.Erase;
import dev.firn.ops.LakeDeeds;
import dev.firn.wal.Quarantine;
import dev.firn.wal.WalInspector;
import dev.firn.web.AuditLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Runs one of [LakeDeeds]: in the Firn that runs, or in the directory that is opened for it.
/// Progress goes to standard error.
final class LakeTask {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private static final int SERIES_MAX = 10_000_000;

    private final InstanceOption instance;
    private final ConfigOption config;

    LakeTask(InstanceOption instance, ConfigOption config) {
        this.instance = instance;
        this.config = config;
    }

    JsonNode run(String deed, Map<String, String> parameters) throws InterruptedException {
        Optional<InstanceOption.Opened> opened = instance.open();
        if (opened.isEmpty()) {
            return instance.remote()
                    .task("/api/firn/v1/lake/" + deed, parameters, LakeTask::progress);
        }
        try (InstanceOption.Opened data = opened.get();
                LakeCatalog catalog = LakeCommand.catalog(config.read().lake(), data.directory());
                AuditLog audit = AuditLog.open(data.directory().resolve("state"), Clock.system())) {
            LakeKeepConfig keep = config.read().lake().keep();
            var deeds =
                    new LakeDeeds(
                            catalog,
                            keep,
                            Clock.system(),
                            new SplittableRandom(),
                            new KeepMetrics(new OwnMetrics()),
                            Closed.of(data.directory(), catalog, config.read().engine()));
            LakeDeeds.Deed asked = Objects.requireNonNull(deeds.all().get(deed), deed);
            String outcome = "failed";
            try {
                Object result =
                        asked.run(
                                parameters,
                                LakePace.of(LakePace.Limits.NONE, new Throttled(), Clock.system()));
                outcome = "done";
                return MAPPER.valueToTree(result);
            } catch (RuntimeException e) {
                outcome = "failed: " + e.getMessage();
                throw e;
            } finally {
                audit.ofCommand("lake " + deed + " " + new TreeMap<>(parameters), outcome);
            }
        }
    }

    static void progress(String text) {
        System.err.println("firn: " + text);
    }

    /// A line a second at most, and the last of each count.
    private static final class Throttled implements LakePace.Progress {
        private static final long NANOS = 1_000_000_000L;
        private long last = System.nanoTime();

        @Override
        public void at(String what, long done, long total) {
            if (done == total || System.nanoTime() - last >= NANOS) {
                last = System.nanoTime();
                progress(what + " " + done + "/" + total);
            }
        }
    }

    /// A directory in which no Firn runs.
    private record Closed(
            Path data, LakeCatalog catalog, Config.Engine engineConfig, Quarantine quarantine)
            implements Erase.Around {
        static Closed of(Path data, LakeCatalog catalog, Config.Engine engine) {
            return new Closed(
                    data,
                    catalog,
                    engine,
                    Quarantine.of(
                            data,
                            new NioDisk(),
                            Clock.system(),
                            new SecureRandom(),
                            new SeriesRegistry(
                                    SeriesIdentity.SHA_256, Clock.system(), SERIES_MAX)));
        }

        @Override
        public long boundary() {
            WalInspector.Report log = log();
            long newest = log.cuts().isEmpty() ? 0 : log.cuts().getLast().sequence();
            long stands = Math.min(standsAt(LakePaths.POINTS), standsAt(LakePaths.SERIES));
            if (log.openPoints() > 0 || newest > stands) {
                throw new InputException(
                        "cannot erase in \""
                                + data
                                + "\": its log holds points that are not in the lake yet (cuts up"
                                + " to "
                                + newest
                                + ", the lake stands at "
                                + stands
                                + "); start it with firn serve and erase there");
            }
            boolean elsewhere = engineConfig.enabled() && !engineConfig.ownsChild();
            if (elsewhere || Files.isDirectory(EngineAt.folder(data))) {
                throw new InputException(
                        "cannot erase in \""
                                + data
                                + "\": its engine holds the points too, and only a running Firn"
                                + " reaches it; start it with firn serve and erase there");
            }
            return Math.max(newest, stands);
        }

        private long standsAt(String table) {
            String position =
                    new LakeLs(catalog).table(table).positions().getOrDefault(writer(), "");
            return position.isEmpty() ? 0 : Position.parse(position).sequence();
        }

        private WalInspector.Report log() {
            return WalInspector.inspect(new NioDisk(), data);
        }

        @Override
        public String writer() {
            return log().writer();
        }

        @Override
        public void engineHas(long cut) {
            throw new WorldException("no engine is open here");
        }

        @Override
        public @Nullable EngineErasure engine() {
            return null;
        }

        @Override
        public Erase.Cleared clearLog() {
            return new Erase.Cleared(
                    0,
                    "wal: "
                            + log().segments().size()
                            + " segments, which go when Firn has started here again and all sinks"
                            + " have taken them");
        }

        @Override
        public List<String> elsewhere() {
            return List.of("queues of exporters, where there are any, were not looked into");
        }
    }
}

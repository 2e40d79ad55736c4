package dev.firn;

import dev.firn.base.Clock;
import dev.firn.base.WorldException;
import dev.firn.engine.EngineErasure;
import dev.firn.engine.EngineSink;
import dev.firn.lake.LakeLs;
import dev.firn.lake.LakePace;
import dev.firn.lake.LakePaths;
import dev.firn.model.CheckpointStore.Checkpoint;
import dev.firn.ops.Erase;
import dev.firn.ops.LakeDeeds;
import dev.firn.wal.Quarantine;
import dev.firn.wal.Wal;
import dev.firn.web.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What `firn lake …` asks of the running Firn.
final class LakeTasks {
    private static final long COMMIT_MILLIS = 120_000;
    private static final long POLL_MILLIS = 50;

    private final LakeRoom lake;
    private final @Nullable EngineRoom engine;
    private final Wal wal;
    private final Path data;
    private final Clock clock;

    LakeTasks(LakeRoom lake, @Nullable EngineRoom engine, Wal wal, Path data, Clock clock) {
        this.lake = lake;
        this.engine = engine;
        this.wal = wal;
        this.data = data;
        this.clock = clock;
    }

    Map<String, Task> tasks() {
        var deeds =
                new LakeDeeds(
                        lake.catalog(),
                        lake.keep(),
                        clock,
                        new SplittableRandom(),
                        lake.keepMetrics(),
                        new Running());
        var tasks = new LinkedHashMap<String, Task>();
        deeds.all()
                .forEach((name, deed) ->
                        tasks.put(
                                "lake/" + name,
                                (parameters, progress) ->
                                        deed.run(
                                                parameters,
                                                LakePace.of(
                                                        LakePace.Limits.NONE,
                                                        (what, done, total) ->
                                                                progress.accept(
                                                                        what + " " + done + "/"
                                                                                + total),
                                                        clock))));
        if (engine != null) {
            tasks.put("lake/rebuild-engine", new EngineRebuilding(engine.feed()));
        }
        return tasks;
    }

    /// The running rooms around an erasure.
    private final class Running implements Erase.Around {
        @Override
        public long boundary() throws InterruptedException {
            return lake.sink().boundary(COMMIT_MILLIS);
        }

        @Override
        public String writer() {
            return wal.writer();
        }

        /// The sink's checkpoint must be durable: after a restart it counts the rows of every newer
        /// cut, and takes one of which some are gone for a contradiction. A follower may have days
        /// of the lake to read first: it has the time as long as it gets on.
        @Override
        public void engineHas(long cut) throws InterruptedException {
            long erased = new LakeLs(lake.catalog()).snapshot(LakePaths.POINTS);
            Object state = "";
            long deadline = clock.ticks() + COMMIT_MILLIS * 1_000_000;
            while (!has(cut, erased)) {
                Object now = state();
                if (!now.equals(state)) {
                    state = now;
                    deadline = clock.ticks() + COMMIT_MILLIS * 1_000_000;
                }
                if (clock.ticks() - deadline > 0) {
                    throw new WorldException(
                            "cannot erase from the engine: it has not taken "
                                    + (follows() ? "snapshot " + erased : "cut " + cut)
                                    + ", and nothing happened for "
                                    + COMMIT_MILLIS / 1_000
                                    + " s"
                                    + (troubles().isEmpty() ? "" : " " + troubles())
                                    + "; the lake's rows are gone; ask again when the engine"
                                    + " has caught up");
                }
                Thread.sleep(POLL_MILLIS);
            }
        }

        private boolean follows() {
            return engine != null && engine.sink() == null;
        }

        private boolean has(long cut, long erased) {
            if (follows()) { // it stands at no cut
                return new LakeLs(lake.catalog()).includes(LakePaths.POINTS, shown(), erased);
            }
            Checkpoint checkpoint = wal.checkpoints().read(EngineSink.NAME);
            return checkpoint != null && checkpoint.sequence() >= cut;
        }

        private long shown() {
            return engine == null ? 0 : engine.applied();
        }

        private List<String> troubles() {
            return engine == null ? List.of() : engine.feed().troubles();
        }

        private List<Object> state() {
            return engine == null
                    ? List.of()
                    : List.of(
                            shown(),
                            String.valueOf(wal.checkpoints().read(EngineSink.NAME)),
                            engine.feed().lakeProgress().rowsDone(),
                            engine.feed().lakeProgress().daysLeft());
        }

        @Override
        public @Nullable EngineErasure engine() {
            return engine == null
                    ? null
                    : new EngineErasure(engine.client(), engine.schema(), engine.feed());
        }

        @Override
        public Quarantine quarantine() {
            return wal.quarantine();
        }

        @Override
        public Erase.Cleared clearLog() throws InterruptedException {
            long cut = wal.endSegment();
            long segments = wal.endedSegments(cut);
            lake.sink().commitNow(COMMIT_MILLIS);
            long deadline = clock.ticks() + COMMIT_MILLIS * 1_000_000;
            while (wal.endedSegments(cut) > 0 && clock.ticks() - deadline < 0) {
                Thread.sleep(POLL_MILLIS);
            }
            long left = wal.endedSegments(cut);
            return new Erase.Cleared(
                    segments - left,
                    left == 0
                            ? ""
                            : "wal: "
                                    + left
                                    + " segments hold what came lately, until these have taken it: "
                                    + String.join(", ", wal.holders(cut)));
        }

        @Override
        public List<String> elsewhere() {
            var lines = new ArrayList<String>();
            queues().forEach(queue ->
                    lines.add(
                            "queue: exporter "
                                    + queue
                                    + " sends what it holds to where it sends everything"));
            if (follows()) {
                lines.add("engine: it follows the lake and reads the days anew that lost rows");
            }
            if (engine != null) {
                lines.add("engine: its parts from before go after 8 minutes");
            }
            return lines;
        }

        private List<String> queues() {
            Path folder = data.resolve(ExportQueues.FOLDER);
            if (!Files.isDirectory(folder)) {
                return List.of();
            }
            try (Stream<Path> queues = Files.list(folder)) {
                return queues.map(path -> String.valueOf(path.getFileName())).sorted().toList();
            } catch (IOException e) {
                return List.of("(cannot be listed: " + e.getMessage() + ")");
            }
        }
    }
}

package dev.firn.ops.bench;

import dev.firn.base.Clock;
import dev.firn.base.WorldException;
import dev.firn.ops.load.Answer;
import dev.firn.ops.load.OtlpBodies;
import dev.firn.ops.load.Sender;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// Ready-made bodies of 1,000 points over loopback into a Firn with everything on, until nothing is
/// left to do.
public final class IngestBench {
    private static final int POINTS_PER_BODY = 1_000;
    private static final long STEP_NANOS = 60_000_000_000L;
    private static final int SENDERS = 2;
    private static final long QUIESCENT_MILLIS_MAX = 600_000;

    /// What is sent.
    ///
    /// @param series active series
    /// @param steps points of each series, a minute apart; the first makes the series and is
    ///   reported apart
    /// @param jitterNanos how far clocks are off their step
    /// @param work what the pipelines do
    /// @param without what is left out
    public record Load(
            OtlpBodies.Mix mix,
            int series,
            int steps,
            long jitterNanos,
            FirnChild.Work work,
            Set<FirnChild.Part> without) {}

    /// What was measured; CPU in seconds per million points, bytes per point.
    ///
    /// @param whole CPU of all steps but the first, compilation of a young process included
    /// @param later CPU of the later half of them, from one quiet moment to the next
    public record Figures(
            Load load,
            double newSeriesPerSecond,
            double pointsPerSecond,
            double pointsPerSecondUntilQuiescent,
            Cpu whole,
            Cpu later,
            double walBytes,
            double engineBytes,
            double lakeBytes,
            double heapBytesPerSeries) {}

    /// CPU seconds of Firn and of its engine: so far, or per million points.
    public record Cpu(double firn, double engine) {
        private static Cpu now(FirnChild firn) {
            return new Cpu(firn.cpuSeconds(), firn.engineCpuSeconds());
        }

        private Cpu since(Cpu before, double millions) {
            return new Cpu((firn - before.firn) / millions, (engine - before.engine) / millions);
        }

        /// Both together.
        public double all() {
            return firn + engine;
        }
    }

    private final Path folder;
    private final Consumer<String> progress;

    /// @param folder an empty folder for data and logs
    public IngestBench(Path folder, Consumer<String> progress) {
        this.folder = folder;
        this.progress = progress;
    }

    /// Runs one load against a fresh Firn.
    public Figures run(Load load, List<String> javaOptions) throws IOException {
        long from = Clock.system().nanos() - (load.steps() + 1) * STEP_NANOS;
        var bodies =
                new OtlpBodies(
                        load.mix(),
                        load.series(),
                        POINTS_PER_BODY,
                        load.jitterNanos(),
                        1,
                        from,
                        STEP_NANOS);
        long perStep = bodies.bodiesPerStep();
        try (FirnChild firn =
                FirnChild.start(
                        Files.createDirectories(folder),
                        javaOptions,
                        "",
                        load.work(),
                        load.without())) {
            long heapBefore = firn.liveHeapBytes();
            progress.accept("first point of " + load.series() + " series");
            double newSeconds = send(firn, bodies, 0, perStep);
            quiesce(firn, load.series());
            double heapPerSeries = (firn.liveHeapBytes() - heapBefore) / (double) load.series();
            double walBefore = firn.metric("firn_wal_written_bytes_total");
            Cpu before = Cpu.now(firn);
            long began = System.nanoTime();
            int half = 1 + (load.steps() - 1) / 2;
            double seconds = stretch(firn, bodies, load, 1, half);
            Cpu between = Cpu.now(firn);
            seconds += stretch(firn, bodies, load, half, load.steps());
            Cpu after = Cpu.now(firn);
            double whole = (System.nanoTime() - began) / 1e9;
            long points = (long) load.series() * (load.steps() - 1);
            double laterMillions = (double) load.series() * (load.steps() - half) / 1e6;
            return new Figures(
                    load,
                    load.series() / newSeconds,
                    points / seconds,
                    points / whole,
                    after.since(before, points / 1e6),
                    after.since(between, laterMillions),
                    (firn.metric("firn_wal_written_bytes_total") - walBefore) / points,
                    engineBytes(firn) / (double) (points + load.series()),
                    bytesBelow(firn.data().resolve("lake/warehouse"))
                            / (double) (points + load.series()),
                    heapPerSeries);
        }
    }

    /// Sends the points of steps `[from..to)` of each series until nothing is left to do; returns
    /// the seconds that sending took.
    private double stretch(FirnChild firn, OtlpBodies bodies, Load load, int from, int to)
            throws IOException {
        if (from == to) {
            return 0;
        }
        progress.accept("then " + (to - from) + " more points of each");
        long perStep = bodies.bodiesPerStep();
        double seconds = send(firn, bodies, perStep * from, perStep * to);
        quiesce(firn, (long) load.series() * to);
        return seconds;
    }

    /// Bodies are made before the clock starts, as many at a time as fit into memory.
    private double send(FirnChild firn, OtlpBodies bodies, long first, long end) {
        double seconds = 0;
        long chunk = 2_000;
        try (var sender =
                new Sender(
                        firn.otlp(),
                        false,
                        Duration.ofMinutes(5),
                        Clock.system(),
                        IngestBench::pause)) {
            for (long at = first; at < end; at += chunk) {
                List<byte[]> ready = ready(bodies, at, Math.min(end, at + chunk));
                long began = System.nanoTime();
                sendAll(sender, ready);
                seconds += (System.nanoTime() - began) / 1e9;
            }
        }
        return seconds;
    }

    private static boolean pause(long millis) {
        FirnChild.pause(millis);
        return true;
    }

    private static List<byte[]> ready(OtlpBodies bodies, long first, long end) {
        var ready = new ArrayList<byte[]>();
        for (long number = first; number < end; number++) {
            ready.add(bodies.body(number));
        }
        return ready;
    }

    private static void sendAll(Sender sender, List<byte[]> bodies) {
        var next = new AtomicLong();
        var troubles = java.util.Collections.synchronizedList(new ArrayList<String>());
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < SENDERS; i++) {
            threads.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                long mine;
                                while ((mine = next.getAndIncrement()) < bodies.size()) {
                                    Answer answer = sender.send(bodies.get((int) mine));
                                    if (!(answer instanceof Answer.Accepted(long rejected, _))
                                            || rejected > 0) {
                                        troubles.add(answer.toString());
                                    }
                                }
                            }));
        }
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new WorldException("interrupted", e);
            }
        }
        if (!troubles.isEmpty()) {
            throw new WorldException(
                    "the Firn under test did not take everything: " + troubles.getFirst());
        }
    }

    /// Until engine and lake hold all points and no merge runs.
    private void quiesce(FirnChild firn, long points) {
        progress.accept(
                "waiting until engine and lake hold "
                        + points
                        + " points, merges and rollups are done");
        long deadline = System.nanoTime() + QUIESCENT_MILLIS_MAX * 1_000_000;
        while (System.nanoTime() < deadline) {
            // The cheap look first: counting costs the measured processes CPU.
            if (tookEverything(firn)
                    && merges(firn) == 0
                    && marks(firn) == 0
                    && enginePoints(firn) == points
                    && lakePoints(firn) == points) {
                return;
            }
            FirnChild.pause(2_000);
        }
        throw new WorldException(
                "not quiescent in time: engine "
                        + enginePoints(firn)
                        + ", lake "
                        + lakePoints(firn)
                        + " of "
                        + points);
    }

    private static boolean tookEverything(FirnChild firn) {
        var info = firn.json("/api/firn/v1/info");
        long newest = info.get("newest_cut").asLong();
        return info.get("engine_cut").asLong() == newest && info.get("lake_cut").asLong() == newest;
    }

    private static long enginePoints(FirnChild firn) {
        return number(
                firn,
                "SELECT (SELECT count() FROM samples) + (SELECT count() FROM histograms) AS n");
    }

    private static long merges(FirnChild firn) {
        return number(firn, "SELECT count() AS n FROM system.merges");
    }

    /// Closed windows whose rollups are not done.
    private static long marks(FirnChild firn) {
        return number(firn, "SELECT count() AS n FROM firn_rollup_marks FINAL");
    }

    private static long engineBytes(FirnChild firn) {
        return number(
                firn,
                "SELECT sum(bytes_on_disk) AS n FROM system.parts WHERE active AND database = 'otel_metrics'");
    }

    private static long number(FirnChild firn, String statement) {
        return Long.parseLong(firn.sql(statement).getFirst().get("n").asString());
    }

    private static long lakePoints(FirnChild firn) {
        for (var table : firn.json("/api/firn/v1/lake")) {
            if (table.get("name").asString().endsWith("points")) {
                return table.get("rows").asLong();
            }
        }
        return 0;
    }

    private static long bytesBelow(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".parquet"))
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

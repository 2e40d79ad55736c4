package dev.firn.bench.soak;

import dev.firn.base.Clock;
import dev.firn.base.WorldException;
import dev.firn.ops.bench.FirnChild;
import dev.firn.ops.load.Fault;
import dev.firn.ops.load.Ledger;
import dev.firn.ops.load.Load;
import dev.firn.ops.load.LoadOptions;
import dev.firn.ops.load.Sender;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Live load on a Firn of its own while one fault follows the other; in the end all that was
/// acknowledged is counted in engine and lake.
@Command(
        name = "bench/soak",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Live load on a Firn of its own, with faults; writes a table of them as Markdown.",
            "Exit code 0 when nothing that was acknowledged is lost or stored twice, each fault is",
            "got over and memory is flat; else 1."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  bench/soak --minutes 60", "  bench/soak --minutes 5 --only 'kill|S3'"})
public final class SoakBench implements Callable<Integer> {
    private static final long PATIENCE_SECONDS = 300;

    private static final String LAKE = "lake:\n  commit_interval: 5s\n";
    private static final long STEP = 5 * LoadOptions.SECOND;

    /// Memory may have grown so much from the second quarter of the time to the last.
    private static final double GROWTH_MAX = 1.25;

    @Option(names = "--folder", required = true, description = "where its data is put")
    private Path folder = Path.of("");

    @Option(
            names = "--minutes",
            defaultValue = "60",
            description = "how long faults go on (default: ${DEFAULT-VALUE})")
    private int minutes;

    @Option(
            names = "--series",
            defaultValue = "5000",
            description =
                    "active series, a point of each every five seconds (default: ${DEFAULT-VALUE})")
    private int series;

    @Option(
            names = "--quiet",
            defaultValue = "20",
            description = "seconds between faults (default: ${DEFAULT-VALUE})")
    private int quiet;

    @Option(names = "--only", description = "faults whose name this pattern finds")
    private @Nullable String only;

    @Option(names = "--s3", description = "an S3 with a bucket lake, as http://127.0.0.1:PORT")
    private @Nullable URI s3;

    @Option(
            names = "--clock",
            description = "compiled bench/clock: Firn's clock is moved, too (the script gives it)")
    private @Nullable Path clock;

    @Option(names = "--java-option", defaultValue = "-Xmx768m", description = "of Firn")
    private List<String> javaOptions = List.of();

    /// How a fault went; seconds are from its end on.
    private record Line(
            String fault, long points, double senders, double engine, double lake, String trouble) {
        boolean fine() {
            return trouble.isEmpty();
        }
    }

    private final List<Line> lines = new ArrayList<>();
    private final Memory memory = new Memory();
    private volatile boolean over;

    /// Runs it.
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new SoakBench()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Path moves = clock == null ? null : folder.resolve("clock");
        var options = new ArrayList<String>(javaOptions);
        if (moves != null) {
            options.add("-Xbootclasspath/a:" + clock); // before Firn's own class of that name
            options.add("-Dfirn.soak.clock=" + moves);
        }
        try (Gate gate = s3 == null ? null : new Gate(s3)) {
            var subject =
                    new Faults.Subject(
                            FirnChild.startWith(
                                    folder, options, gate == null ? LAKE : lake(gate.uri())));
            try {
                return soak(subject, new Faults(subject, gate, folder, moves));
            } finally {
                subject.firn.close();
            }
        }
    }

    private static String lake(URI uri) {
        return LAKE
                + """
                  warehouse: s3://lake/firn
                  s3: {endpoint: "%s", path_style: true, access_key: id, secret_key: secret, request_timeout: 5s, call_timeout: 20s, attempts_max: 3}
                """
                        .formatted(uri);
    }

    private int soak(Faults.Subject subject, Faults faults) throws Exception {
        var ledger = new Ledger();
        long now = Clock.system().nanos();
        LoadOptions options =
                LoadOptions.history(1, now - LoadOptions.SECOND, now)
                        .withSeries(series)
                        .withSteps(STEP, STEP)
                        .withLive(now, Long.MAX_VALUE)
                        .withChange(false, true);
        var running = new Load[1];
        try (var sender =
                new Sender(
                        subject.firn.otlp(),
                        true,
                        Duration.ofMinutes(30),
                        Clock.system(),
                        millis -> running[0].pause(millis))) {
            var load = new Load(options, ledger, sender::send, Fault::none, Clock.system());
            running[0] = load;
            Thread sending = Thread.ofPlatform().start(() -> run(load));
            Thread looking = Thread.ofVirtual().start(() -> watch(subject));
            faultsInTurn(subject, faults, load);
            over = true;
            looking.join();
            load.stop();
            sending.join();
            return report(subject, faults, load, ledger, sender.retries());
        }
    }

    private static void run(Load load) {
        try {
            load.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void watch(Faults.Subject subject) {
        while (!over) {
            memory.look(subject);
            FirnChild.pause(1_000);
        }
    }

    private void faultsInTurn(Faults.Subject subject, Faults faults, Load load)
            throws InterruptedException {
        var random = new Random(1);
        long end = System.nanoTime() + Duration.ofMinutes(minutes).toNanos();
        while (System.nanoTime() < end) {
            var round = new ArrayList<>(faults.all());
            round.removeIf(fault ->
                    only != null
                            && !java.util.regex.Pattern.compile(only).matcher(fault.name()).find());
            Collections.shuffle(round, random);
            for (Faults.Fault fault : round) {
                if (System.nanoTime() >= end) {
                    return;
                }
                FirnChild.pause(quiet * 1_000L);
                Line line = suffer(subject, fault, load);
                lines.add(line);
                System.err.printf(Locale.ROOT, "%s%n", row(line));
                if (!line.fine()) {
                    return; // what comes next would be measured on a broken one
                }
            }
        }
    }

    private Line suffer(Faults.Subject subject, Faults.Fault fault, Load load)
            throws InterruptedException {
        long before = load.progress().points();
        try {
            fault.begin().run();
            FirnChild.pause(fault.seconds() * 1_000L);
            fault.end().run();
        } catch (IOException | WorldException e) {
            System.err.println(e.getMessage());
            String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            return new Line(fault.name(), 0, 0, 0, 0, why);
        }
        long after = load.progress().points();
        long began = System.nanoTime();
        double senders = await(began, () -> load.progress().points() > after);
        double newest = cut(subject, "newest_cut");
        double engine = await(began, () -> cut(subject, "engine_cut") >= newest);
        double lake = await(began, () -> cut(subject, "lake_cut") >= newest);
        String trouble =
                Double.isNaN(senders + engine + lake + newest)
                        ? "not got over within " + PATIENCE_SECONDS + " s"
                        : "";
        return new Line(fault.name(), after - before, senders, engine, lake, trouble);
    }

    /// Seconds since `began`; NaN if it does not come.
    private static double await(long began, java.util.function.BooleanSupplier condition) {
        while (System.nanoTime() - began < PATIENCE_SECONDS * 1_000_000_000L) {
            if (condition.getAsBoolean()) {
                return (System.nanoTime() - began) / 1e9;
            }
            FirnChild.pause(100);
        }
        return Double.NaN;
    }

    /// NaN while it is not told.
    private static double cut(Faults.Subject subject, String name) {
        try {
            var told = subject.firn.json("/api/firn/v1/info").path(name);
            return told.isNumber() ? told.asDouble() : Double.NaN;
        } catch (WorldException e) {
            return Double.NaN;
        }
    }

    private int report(
            Faults.Subject subject, Faults faults, Load load, Ledger ledger, long retries) {
        long began = System.nanoTime();
        // What came last is in an open cut for a moment, of which no sink knows yet.
        await(began, () -> subject.firn.json("/api/firn/v1/wal").path("openPoints").asLong(1) == 0);
        double newest = cut(subject, "newest_cut");
        await(began, () -> cut(subject, "engine_cut") >= newest);
        await(began, () -> cut(subject, "lake_cut") >= newest);
        long acknowledged =
                ledger.points().values().stream().mapToLong(Ledger.Points::acknowledged).sum();
        long sent = ledger.points().values().stream().mapToLong(Ledger.Points::sent).sum();
        long engine =
                number(
                        subject,
                        "SELECT sum(n) AS n FROM (SELECT uniqExact(series_id, time) AS n FROM samples UNION ALL SELECT uniqExact(series_id, time) FROM histograms UNION ALL SELECT uniqExact(series_id, time) FROM exponential_histograms UNION ALL SELECT uniqExact(series_id, time) FROM summaries)");
        long view = number(subject, "SELECT count() AS n FROM metrics_local_v2");
        long lake = number(subject, "SELECT uniqExact(series_id, time) AS n FROM lake_points");
        System.out.println(
                "| fault | points acknowledged meanwhile | senders again, s | engine, s | lake, s |");
        System.out.println("|---|---|---|---|---|");
        lines.forEach(line -> System.out.println(row(line)));
        System.out.printf(
                Locale.ROOT,
                "%nPoints: %,d sent (%,d retries), %,d acknowledged, %,d in the engine, %,d in its view, %,d in the lake; rejected %d, refused bodies %d, unanswered %d.%n",
                sent,
                retries,
                acknowledged,
                engine,
                view,
                lake,
                load.progress().rejected(),
                load.progress().refused(),
                load.progress().unanswered());
        long early = memory.median(0.25, 0.5);
        long late = memory.median(0.75, 1);
        System.out.printf(
                "Memory of Firn and engine, MiB: %d in the second quarter, %d in the last, peak %d. Malformed requests taken: %d.%n",
                early, late, memory.peak(), faults.wronglyTaken());
        faults.missing().forEach(one -> System.out.println("Not run: " + one + "."));
        boolean kept =
                acknowledged == sent && engine == sent && view == sent && lake == sent && sent > 0;
        boolean fine =
                kept
                        && lines.stream().allMatch(Line::fine)
                        && faults.wronglyTaken() == 0
                        && late <= early * GROWTH_MAX;
        System.out.println(fine ? "Result: pass" : "Result: FAIL");
        return fine ? 0 : 1;
    }

    private static String row(Line line) {
        return line.fine()
                ? String.format(
                        Locale.ROOT,
                        "| %s | %,d | %.1f | %.1f | %.1f |",
                        line.fault(),
                        line.points(),
                        line.senders(),
                        line.engine(),
                        line.lake())
                : "| " + line.fault() + " | " + line.trouble() + " | | | |";
    }

    private static long number(Faults.Subject subject, String statement) {
        return subject.firn.sql(statement).getFirst().get("n").asLong();
    }
}

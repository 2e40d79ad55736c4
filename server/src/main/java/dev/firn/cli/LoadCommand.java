package dev.firn.cli;

import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.base.WorldException;
import dev.firn.ops.load.Fault;
import dev.firn.ops.load.Incident;
import dev.firn.ops.load.LedgerFile;
import dev.firn.ops.load.LedgerSink;
import dev.firn.ops.load.Load;
import dev.firn.ops.load.LoadOptions;
import dev.firn.ops.load.Plane;
import dev.firn.ops.load.Sender;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `firn load`: a simulated shop sends its metrics. Exit code 0 when every point was accepted, 1
/// when some were not, 2 for wrong use.
@Command(
        name = "load",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Simulates an online shop that reports OpenTelemetry metrics.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  firn load -t http://localhost:4318 -r 100 -d 60",
            "  firn load --history 30d --seed 7 --ledger shop.jsonl",
            "  firn load --history 2d --incident latency@service=checkout,from=-6h,for=1h,factor=4",
            "  firn load --history 2d --incident duplicates@plane=dev-1,from=-2h,factor=0.3",
            "",
            "Incidents of the shop: latency, errors, traffic-drop, slow-leak, bad-deploy, silence,",
            "volume, restarts. Faults of data, of which the ledger has only the beginning:",
            "duplicates, repeats, conflicts, late, out-of-order, clock-skew, nan, infinite, negative,",
            "counter-drop, delta-overlap, histogram-counts, histogram-sums, bounds-drift,",
            "cardinality, type-conflict, unit-conflict, description-conflict, temporality-flip,",
            "monotonicity-flip, histogram-bounds, missing-attributes. Keys: plane, service, route,",
            "instance, from (+2h after the start, -6h before the end, or an instant), for, factor",
            "(docs/reference/load.md). The same seed and the same --from give the same bytes."
        })
public final class LoadCommand implements Callable<Integer> {
    private static final long PROGRESS_MILLIS = 2_000;
    private static final long STOP_SECONDS = 10;

    @Option(
            names = {"-t", "--target"},
            defaultValue = "http://localhost:4318",
            description = "OTLP/HTTP receiver (default: ${DEFAULT-VALUE})")
    private String target = "";

    @Option(
            names = {"-r", "--rate"},
            defaultValue = "100",
            description = "simulated requests a second, mean of a week (default: ${DEFAULT-VALUE})")
    private double rate;

    @Option(
            names = {"-d", "--duration"},
            description = "live time, in seconds or like 5m; without it and without --history, on")
    private @Nullable String duration;

    @Option(
            names = "--history",
            description = "send so much of the past first, at full speed; like 30d")
    private @Nullable String history;

    @Option(
            names = "--until-now",
            description = "with --history: stop at the present (the default) unless --live")
    private boolean untilNow;

    @Option(names = "--live", description = "with --history: go on live when it is sent")
    private boolean live;

    @Option(
            names = "--from",
            description = "start of the history as an instant, instead of now minus --history")
    private @Nullable String from;

    @Option(
            names = "--series",
            defaultValue = "0",
            description = "exactly so many active series; 0: the shop as it is")
    private int series;

    @Option(names = "--seed", defaultValue = "1", description = "of all chance (default: 1)")
    private long seed;

    @Option(
            names = "--step",
            description = "export interval (default: 10s live, 60s history); like 15s")
    private @Nullable String step;

    @Option(
            names = "--planes",
            defaultValue = "prod,dev,qa",
            description =
                    "environments and planes in each, like prod:2,dev (default: ${DEFAULT-VALUE})")
    private String planes = "";

    @Option(names = "--incident", description = "KIND[@key=value,…]; may be repeated")
    private List<String> incidents = new ArrayList<>();

    @Option(names = "--ledger", description = "write what truly happened to this file")
    private @Nullable Path ledger;

    @Option(
            names = "--compression",
            defaultValue = "gzip",
            description = "gzip or none (default: ${DEFAULT-VALUE})")
    private String compression = "";

    @Option(
            names = "--lanes",
            defaultValue = "4",
            description = "requests in flight (default: ${DEFAULT-VALUE})")
    private int lanes;

    @Option(
            names = "--body-points",
            defaultValue = "1000",
            description = "points in a request, about (default: ${DEFAULT-VALUE})")
    private int bodyPoints;

    @Option(
            names = "--retry-for",
            defaultValue = "5m",
            description = "give a request up after (default: ${DEFAULT-VALUE})")
    private String retryFor = "";

    @Option(names = "--no-restarts", description = "no crashes and no scheduled deployments")
    private boolean noRestarts;

    @Option(names = "--flat", description = "no daily and weekly rhythm")
    private boolean flat;

    @Spec private @Nullable CommandSpec spec;

    private final Clock clock;

    /// On the machine's clock.
    public LoadCommand() {
        this(Clock.system());
    }

    /// On another clock.
    public LoadCommand(Clock clock) {
        this.clock = clock;
    }

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter err = java.util.Objects.requireNonNull(spec).commandLine().getErr();
        try {
            return run(options(), err);
        } catch (InputException e) {
            err.println("firn: " + e.getMessage());
            return 2;
        } catch (WorldException e) {
            err.println("firn: " + e.getMessage());
            return 1;
        }
    }

    private LoadOptions options() {
        long now = clock.nanos();
        long start = start(now);
        long end = end(start, now);
        long historyStep = step == null ? 60 * LoadOptions.SECOND : stepNanos(step);
        long liveStep = step == null ? 10 * LoadOptions.SECOND : stepNanos(step);
        long rangeEnd = end == Long.MAX_VALUE ? now + 3600 * LoadOptions.SECOND : end;
        return new LoadOptions(
                seed,
                rate,
                series,
                Plane.parse(planes),
                incidents.stream().map(text -> Incident.parse(text, start, rangeEnd)).toList(),
                start,
                Math.max(start, now),
                end,
                historyStep,
                liveStep,
                bodyPoints,
                lanes,
                !noRestarts,
                flat);
    }

    private static long stepNanos(String text) {
        return LoadOptions.duration("--step", text);
    }

    private long start(long now) {
        if (from != null) {
            try {
                Instant at = Instant.parse(from);
                return at.getEpochSecond() * LoadOptions.SECOND + at.getNano();
            } catch (java.time.DateTimeException e) {
                throw new InputException(
                        "cannot read --from \""
                                + from
                                + "\": use an instant like 2026-11-01T00:00:00Z");
            }
        }
        return history == null ? now : now - LoadOptions.duration("--history", history);
    }

    private long end(long start, long now) {
        if (untilNow && (live || duration != null)) {
            throw new InputException("cannot use --until-now with --live or --duration; drop one");
        }
        if (from != null && history != null) {
            return start + LoadOptions.duration("--history", history);
        }
        if (duration != null) {
            return now + LoadOptions.duration("--duration", duration);
        }
        return (history != null || from != null) && !live ? now : Long.MAX_VALUE;
    }

    private int run(LoadOptions options, PrintWriter err) throws InterruptedException {
        LedgerFile file = ledger == null ? null : new LedgerFile(ledger, options);
        LedgerSink sink = file == null ? LedgerSink.none() : file;
        // The load pauses the sender and the sender serves the load: one of them is handed on late.
        Load[] running = new Load[1];
        Duration patience = Duration.ofNanos(LoadOptions.duration("--retry-for", retryFor));
        try (var sender =
                new Sender(uri(), gzip(), patience, clock, millis -> running[0].pause(millis))) {
            var load = new Load(options, sink, sender::send, Fault::none, clock);
            running[0] = load;
            return watch(load, sender, file, err);
        } finally {
            if (file != null) {
                file.close();
            }
        }
    }

    private int watch(Load load, Sender sender, @Nullable LedgerFile file, PrintWriter err)
            throws InterruptedException {
        var finished = new java.util.concurrent.CountDownLatch(1);
        Thread stopper = new Thread(() -> stop(load, finished), "load-stop");
        Runtime.getRuntime().addShutdownHook(stopper);
        long began = clock.ticks();
        err.printf(
                Locale.ROOT,
                "sending to %s: %d instances, %s requests/s, seed %d%n",
                target,
                load.shop().instances(),
                rate,
                seed);
        Thread reporter = Thread.ofVirtual().start(() -> report(load, finished, began, file, err));
        try {
            Load.Progress end = load.run();
            if (file != null) {
                file.flush();
            }
            err.println(line(end, began) + ", " + sender.retries() + " retries");
            if (end.bodies() == 0) {
                err.println(
                        "firn: nothing was sent: the time was over before the first export; use a"
                                + " longer --duration or a shorter --step");
            }
            if (!end.isClean()) {
                err.println("first trouble: " + end.trouble());
            }
            return end.isClean() ? 0 : 1;
        } finally {
            finished.countDown();
            reporter.join();
            removeHook(stopper);
        }
    }

    private static void stop(Load load, java.util.concurrent.CountDownLatch finished) {
        load.stop();
        try {
            finished.await(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The program is ending already, by this very hook: nothing is left to remove.
        }
    }

    private void report(
            Load load,
            java.util.concurrent.CountDownLatch finished,
            long began,
            @Nullable LedgerFile file,
            PrintWriter err) {
        try {
            while (!finished.await(PROGRESS_MILLIS, TimeUnit.MILLISECONDS)) {
                err.println(line(load.progress(), began));
                err.flush();
                if (file != null) {
                    file.flush();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String line(Load.Progress progress, long began) {
        double seconds = Math.max(1e-3, (clock.ticks() - began) / 1e9);
        return String.format(
                Locale.ROOT,
                "%s  %,d points in %,d requests, %.1f s, %,.0f points/s,"
                        + " %d points rejected, %d requests refused, %d unanswered",
                Instant.ofEpochSecond(progress.simulatedNanos() / LoadOptions.SECOND),
                progress.points(),
                progress.bodies(),
                seconds,
                progress.points() / seconds,
                progress.rejected(),
                progress.refused(),
                progress.unanswered());
    }

    private boolean gzip() {
        return switch (compression) {
            case "gzip" -> true;
            case "none" -> false;
            default ->
                    throw new InputException(
                            "cannot use --compression \"" + compression + "\"; use gzip or none");
        };
    }

    private URI uri() {
        try {
            URI uri = URI.create(target);
            if (uri.getHost() != null && List.of("http", "https").contains(uri.getScheme())) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // Told below, like every other address that is none.
        }
        throw new InputException(
                "cannot send to \"" + target + "\": use an address like http://localhost:4318");
    }
}

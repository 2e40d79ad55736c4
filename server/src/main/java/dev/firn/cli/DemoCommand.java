package dev.firn.cli;

import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.base.Reason;
import dev.firn.base.WholeFile;
import dev.firn.base.WorldException;
import dev.firn.config.Config;
import dev.firn.config.Quantity;
import dev.firn.ops.load.Fault;
import dev.firn.ops.load.LedgerSink;
import dev.firn.ops.load.Load;
import dev.firn.ops.load.LoadOptions;
import dev.firn.ops.load.Plane;
import dev.firn.ops.load.Sender;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description =
                "Starts everything, writes a week of a simulated shop's history and goes on live until Ctrl-C.",
        footer = {"", "Example:", "  firn demo --history 7d --data /tmp/firn-demo"})
final class DemoCommand implements Callable<Integer> {
    private static final String PROGRESS_FILE = "demo-until";
    private static final long HISTORY_STEP_NANOS = 60 * LoadOptions.SECOND;
    private static final long LIVE_STEP_NANOS = 10 * LoadOptions.SECOND;

    private final Starter starter;
    private final Clock clock = Clock.system();

    @Mixin private final ConfigOption config = new ConfigOption();
    @Mixin private final DataOption data = new DataOption();

    @Option(
            names = "--history",
            paramLabel = "TIME",
            description = "How much of the past to write first (default: ${DEFAULT-VALUE}).",
            defaultValue = "7d")
    private String history = "7d";

    @Option(
            names = {"-r", "--rate"},
            paramLabel = "N",
            description = "Requests a second that the shop serves (default: ${DEFAULT-VALUE}).",
            defaultValue = "100")
    private double rate = 100;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Of all chance (default: ${DEFAULT-VALUE}).",
            defaultValue = "1")
    private long seed = 1;

    DemoCommand(Starter starter) {
        this.starter = starter;
    }

    @Override
    public Integer call() throws InterruptedException {
        long historyNanos = historyNanos();
        Config read = config.read();
        read.warnings().forEach(warning -> System.err.println("firn: warning: " + warning));
        var stop = new Stop();
        Optional<Starter.Running> started = stop.start(starter, read, data.directory);
        if (started.isEmpty()) {
            return 0;
        }
        try (Starter.Running running = started.get()) {
            if (running.otlpHttpUrl().isEmpty()) {
                throw new InputException(
                        "the demo sends over OTLP/HTTP: name receivers.otlp.protocols.http");
            }
            running.listening().forEach(line -> System.err.println("firn: " + line));
            System.err.println(
                    "firn: writing history; three questions to ask follow when it is there");
            simulate(running, stop, historyNanos);
            System.err.println("firn: stopping");
        }
        return 0;
    }

    private long historyNanos() {
        try {
            return Quantity.nanos(history);
        } catch (IllegalArgumentException e) {
            throw new InputException("--history: " + e.getMessage());
        }
    }

    private void simulate(Starter.Running running, Stop stop, long historyNanos)
            throws InterruptedException {
        long now = clock.nanos();
        long from = Math.max(now - historyNanos, writtenUntil());
        var options =
                new LoadOptions(
                        seed + from, // a later run must not repeat the first one's streams
                        rate,
                        0,
                        Plane.parse("prod,dev,qa"),
                        List.of(),
                        Math.min(from, now),
                        now,
                        Long.MAX_VALUE,
                        HISTORY_STEP_NANOS,
                        LIVE_STEP_NANOS,
                        1000,
                        2,
                        true,
                        false);
        Load[] held = new Load[1]; // the load pauses the sender that it is given
        try (var sender =
                new Sender(
                        URI.create(running.otlpHttpUrl()),
                        false,
                        Duration.ofMinutes(5),
                        clock,
                        millis -> held[0].pause(millis))) {
            var load = new Load(options, LedgerSink.none(), sender::send, Fault::none, clock);
            held[0] = load;
            var run =
                    new DemoRun(
                            load,
                            now - HISTORY_STEP_NANOS,
                            questions(running.url()),
                            this::remember,
                            System.err,
                            clock);
            run.run(stop::await);
        }
    }

    private static String questions(String url) {
        return """
        firn: three questions to ask (in another terminal, here):

          ./firn sql --url %1$s "SELECT service_name, metric_name, count() AS series FROM series GROUP BY ALL ORDER BY series DESC LIMIT 10"

          ./firn sql --url %1$s "SELECT toStartOfHour(time) AS hour, count() AS points FROM samples GROUP BY hour ORDER BY hour DESC LIMIT 12"

          ./firn sql --url %1$s "SELECT environment, http_route, sum(count) AS requests, round(1000 * sum(sum) / sum(count), 1) AS mean_ms FROM histograms JOIN series USING (metric_id, series_id) WHERE metric_name = 'http.server.request.duration' AND temporality = 'delta' AND time > now() - INTERVAL 1 HOUR GROUP BY ALL ORDER BY requests DESC"
        """
                .formatted(url);
    }

    private Path file() {
        return data.directory.resolve(PROGRESS_FILE);
    }

    private long writtenUntil() {
        try {
            return Files.exists(file()) ? Long.parseLong(Files.readString(file()).strip()) : 0;
        } catch (IOException | NumberFormatException e) {
            throw new InputException(
                    "cannot read \""
                            + file()
                            + "\": "
                            + e.getMessage()
                            + "; delete it to start anew");
        }
    }

    private void remember(long nanos) {
        byte[] text = (nanos + "\n").getBytes(StandardCharsets.UTF_8);
        try {
            WholeFile.replace(file(), out -> out.write(text));
        } catch (IOException e) {
            throw new WorldException(
                    "cannot note the demo's progress in \"" + file() + "\": " + Reason.of(e), e);
        }
    }
}

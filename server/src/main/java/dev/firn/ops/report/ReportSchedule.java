package dev.firn.ops.report;

import dev.firn.alert.HttpReceiver;
import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Reason;
import dev.firn.base.WholeFile;
import dev.firn.base.Worker;
import dev.firn.base.WorldException;
import dev.firn.config.ReportConfig;
import io.prometheus.metrics.core.metrics.Counter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes reports when they are due, those that came due while Firn was away, too (the newest of
/// each), and brings them where they belong; what fails is tried again each minute. What was done
/// stands in a file, so that a restart repeats nothing.
public final class ReportSchedule implements Worker.Duty {
    private static final Logger LOG = LoggerFactory.getLogger(ReportSchedule.class);
    private static final long LOOK_MILLIS = 500;
    private static final long RETRY_NANOS = 60_000_000_000L;

    private final List<ReportConfig> reports;
    private final long[] notBefore;

    /// What was made and not yet brought everywhere.
    private final @Nullable Made[] made;

    private final Table.Asking asking;
    private final FileIO store;
    private final Path done;
    private final Properties last = new Properties();
    private final Clock clock;
    private final Counter runs;

    private record Made(long due, String text) {}

    /// @param store for directories that are `s3://…`
    /// @param done the file that remembers
    public ReportSchedule(
            List<ReportConfig> reports,
            Table.Asking asking,
            FileIO store,
            Path done,
            Clock clock,
            OwnMetrics metrics) {
        this.reports = List.copyOf(reports);
        this.notBefore = new long[reports.size()];
        Arrays.fill(notBefore, Long.MIN_VALUE);
        this.made = new Made[reports.size()];
        this.asking = asking;
        this.store = store;
        this.done = done;
        this.clock = clock;
        this.runs =
                metrics.counter(
                        "firn_report_runs",
                        "Reports of the schedule that were made and brought where they belong (success), or were not (failure).",
                        "report",
                        "status");
        for (ReportConfig one : reports) {
            for (String status : List.of("success", "failure")) {
                runs.labelValues(kind(one), status).inc(0);
            }
        }
        remember();
    }

    private void remember() {
        if (Files.exists(done)) {
            try (var in = Files.newInputStream(done)) {
                last.load(in);
            } catch (IOException | IllegalArgumentException e) {
                throw new WorldException("cannot read \"" + done + "\": " + e.getMessage(), e);
            }
        }
    }

    @Override
    public void run() throws InterruptedException {
        Thread.sleep(LOOK_MILLIS);
        look();
    }

    /// Makes what is due.
    void look() throws InterruptedException {
        for (int i = 0; i < notBefore.length; i++) {
            ReportConfig one = reports.get(i);
            long due = Math.floorDiv(clock.nanos() - one.afterNanos(), one.everyNanos());
            long known = known(one);
            if (known < 0) {
                note(one, due); // the first one comes when the running period is over
            } else if (due > known && clock.ticks() >= notBefore[i]) {
                notBefore[i] = clock.ticks() + RETRY_NANOS;
                if (bring(i, due * one.everyNanos())) {
                    note(one, due);
                    notBefore[i] = Long.MIN_VALUE;
                    made[i] = null;
                }
            }
        }
    }

    /// Number of the last period whose report was made; negative if that is not known.
    private long known(ReportConfig one) {
        String known = last.getProperty(one.name(), "");
        return known.matches("[0-9]{1,18}") ? Long.parseLong(known) : -1;
    }

    private boolean bring(int i, long dueNanos) throws InterruptedException {
        ReportConfig one = reports.get(i);
        Instant due = Instant.ofEpochSecond(Math.floorDiv(dueNanos, 1_000_000_000));
        boolean whole = false;
        try {
            Made before = made[i];
            Made now = before != null && before.due == dueNanos ? before : make(one, dueNanos);
            made[i] = now;
            String text = now.text;
            if (!one.directory().isEmpty()) {
                String name =
                        kind(one)
                                + "-"
                                + due.toString().replace(":", "")
                                + "."
                                + one.form().ending();
                write(one.directory(), name, text);
            }
            whole = true;
            if (one.webhook().isPresent()) {
                try (var webhook = new HttpReceiver(one.webhook().get(), "", clock)) {
                    String trouble =
                            webhook.send(
                                    text.getBytes(StandardCharsets.UTF_8), one.form().mediaType());
                    whole = trouble == null;
                    if (trouble != null) {
                        complain(one, webhook.name() + " did not take it: " + trouble);
                    }
                }
            }
        } catch (WorldException e) {
            complain(one, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            complain(one, Reason.of(e));
        } catch (RuntimeException e) { // of S3's client
            complain(one, e.toString());
        }
        runs.labelValues(kind(one), whole ? "success" : "failure").inc();
        return whole;
    }

    /// Of the day that the period ended in: at midnight the one that is over.
    private Made make(ReportConfig one, long dueNanos) throws InterruptedException {
        Instant last = Instant.ofEpochSecond(Math.floorDiv(dueNanos - 1, 1_000_000_000));
        Report report =
                Reports.make(
                        one.kind(),
                        last.atOffset(ZoneOffset.UTC).toLocalDate(),
                        Instant.ofEpochMilli(clock.millis()),
                        asking);
        return new Made(dueNanos, ReportText.of(report, one.form()));
    }

    private static void complain(ReportConfig one, String why) {
        LOG.warn(
                "cannot make report \"{}\": {}; it is tried again each minute",
                one.name().strip(),
                why);
    }

    private void write(String directory, String name, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (directory.startsWith("s3://")) {
            String location = directory.replaceAll("/+$", "") + "/" + name;
            try (OutputStream out = store.newOutputFile(location).createOrOverwrite()) {
                out.write(bytes);
            }
            return;
        }
        Path folder = Files.createDirectories(Path.of(directory));
        Path unfinished = Files.write(folder.resolve("." + name), bytes);
        Files.move(unfinished, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    private void note(ReportConfig one, long due) {
        last.setProperty(one.name(), Long.toString(due));
        try {
            WholeFile.replace(done, out -> last.store(out, null));
        } catch (IOException e) {
            LOG.warn(
                    "cannot write \"{}\": {}; after a restart reports may come twice",
                    done,
                    Reason.of(e));
        }
    }

    private static String kind(ReportConfig one) {
        return one.kind().name().toLowerCase(Locale.ROOT);
    }
}

package dev.firn.ops.health;

import dev.firn.base.OwnMetrics;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The log as buffer, the disk below everything, and quarantine.
public final class DiskProbe implements Probe {
    private static final String BUFFER = "otel_buffer_size_bytes";
    private static final String USED = "disk_used";
    private static final long GROWTH_SECONDS = 3_600;

    private final OwnMetrics metrics;
    private final Path data;
    private final Supplier<@Nullable String> logStopped;

    /// @param data the data directory
    /// @param logStopped why the log takes nothing any more; null while it does
    public DiskProbe(
            OwnMetrics metrics, Path data, Supplier<@Nullable String> logStopped, History history) {
        this.metrics = metrics;
        this.data = data;
        this.logStopped = logStopped;
        history.watch(BUFFER, () -> metrics.value(BUFFER));
        history.watch(USED, this::used);
        metrics.gauge(
                "firn_disk_free_bytes",
                "Free on the disk of the data directory; NaN if it cannot be asked.",
                () -> store(FileStore::getUsableSpace));
        metrics.gauge(
                "firn_disk_size_bytes",
                "Size of the disk of the data directory; NaN if it cannot be asked.",
                () -> store(FileStore::getTotalSpace));
    }

    private interface Asked {
        long of(FileStore store) throws IOException;
    }

    private double store(Asked asked) {
        try {
            return asked.of(Files.getFileStore(data));
        } catch (IOException e) {
            return Double.NaN;
        }
    }

    private double used() {
        return store(store -> store.getTotalSpace() - store.getUsableSpace());
    }

    @Override
    public List<Finding> look(History history) {
        return List.of(log(), buffer(history), disk(history), quarantine());
    }

    private Finding log() {
        String reason = logStopped.get();
        return reason == null
                ? Finding.fine("log", Section.DISK, "running")
                : new Finding(
                        "log",
                        Section.DISK,
                        State.CRITICAL,
                        "stopped: " + reason,
                        "",
                        "senders are told to come back; mend the disk, then restart");
    }

    private Finding buffer(History history) {
        double size = metrics.value(BUFFER);
        double max = metrics.value("otel_buffer_max_bytes");
        double grows = perSecond(history, BUFFER);
        return Finding.upTo(
                "wal_buffer",
                Section.DISK,
                size / max,
                0.8,
                0.95,
                Shown.bytes(size)
                        + " of "
                        + Shown.bytes(max)
                        + " wait for a sink"
                        + Shown.untilFull(max - size, grows),
                "80 %, critical 95 %",
                "a sink does not take what the log has (see lake_lag, engine_lag): mend it, or"
                        + " raise wal.size_max; at 100 % senders are refused");
    }

    private Finding disk(History history) {
        try {
            FileStore store = Files.getFileStore(data);
            double free = store.getUsableSpace();
            double share = 1 - free / store.getTotalSpace();
            return Finding.upTo(
                    "disk",
                    Section.DISK,
                    share,
                    0.9,
                    0.97,
                    Shown.bytes(free)
                            + " free, "
                            + Shown.percent(share)
                            + " used"
                            + Shown.untilFull(free, perSecond(history, USED)),
                    "90 %, critical 97 %",
                    "make room on the disk of the data directory, or shorten engine.retention and"
                            + " lake.retention");
        } catch (IOException e) {
            return new Finding(
                    "disk",
                    Section.DISK,
                    State.CRITICAL,
                    "cannot be asked: " + e.getMessage(),
                    "",
                    "is the data directory's disk still there?");
        }
    }

    private static double perSecond(History history, String name) {
        double seconds = history.seconds(GROWTH_SECONDS);
        return seconds < 60 ? 0 : history.increase(name, GROWTH_SECONDS) / seconds;
    }

    private Finding quarantine() {
        double bytes = metrics.value("firn_wal_quarantine_bytes");
        return Finding.upTo(
                "quarantine",
                Section.DISK,
                bytes,
                1,
                Double.POSITIVE_INFINITY,
                Shown.bytes(bytes) + " that a sink refused for good",
                "none",
                "firn wal ls names the reason; mend it, then firn wal retry");
    }
}

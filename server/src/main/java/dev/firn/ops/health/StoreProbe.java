package dev.firn.ops.health;

import dev.firn.base.OwnMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Lake and engine: whether they take what the log has, and how far behind they are.
public final class StoreProbe implements Probe {
    private static final long HOUR_SECONDS = 3_600;
    private static final long RECENT_SECONDS = 600;
    private static final String UPLOADED = "uploaded";
    private static final String FAILED = "upload_failed";
    private static final String BYTES = "firn_lake_bytes_written";
    private static final String RESTARTS = "firn_engine_restarts";
    private static final String QUERIES = "queries";
    private static final String QUICK = "quick_queries";
    private static final String DURATIONS = "clickhouse_query_duration_seconds";
    private static final double SLOW_SECONDS = 10;

    private final OwnMetrics metrics;
    private final boolean lake;
    private final boolean engine;
    private final Supplier<@Nullable String> lakeStopped;
    private final Supplier<@Nullable String> engineStopped;

    /// @param lakeStopped why the lake's sink has stopped; null while it runs, or if there is none
    /// @param engineStopped the same of the engine's
    public StoreProbe(
            OwnMetrics metrics,
            boolean lake,
            boolean engine,
            Supplier<@Nullable String> lakeStopped,
            Supplier<@Nullable String> engineStopped,
            History history) {
        this.metrics = metrics;
        this.lake = lake;
        this.engine = engine;
        this.lakeStopped = lakeStopped;
        this.engineStopped = engineStopped;
        history.watchCounter(UPLOADED, () -> files("success"));
        history.watchCounter(FAILED, () -> files("error"));
        history.watchCounter(BYTES, () -> metrics.value(BYTES));
        history.watchCounter(RESTARTS, () -> metrics.value(RESTARTS));
        history.watchCounter(QUERIES, () -> metrics.countUpTo(DURATIONS, Double.POSITIVE_INFINITY));
        history.watchCounter(QUICK, () -> metrics.countUpTo(DURATIONS, SLOW_SECONDS));
    }

    private double files(String status) {
        return metrics.value("s3_uploader_files_processed", "status", status);
    }

    @Override
    public List<Finding> look(History history) {
        var findings = new ArrayList<Finding>();
        if (lake) {
            findings.add(
                    runs("lake_uploader", Section.UPLOADER, lakeStopped.get(), "firn lake doctor"));
            findings.add(lakeLag());
            findings.add(uploadErrors(history));
            findings.add(uploads(history));
        }
        if (engine) {
            findings.add(engineUp(history));
            findings.add(
                    runs("engine_sink", Section.ENGINE, engineStopped.get(), "firn lake verify"));
            findings.add(engineLag());
            findings.add(rollupLag());
            findings.add(slowQueries(history));
        }
        return findings;
    }

    private static Finding runs(
            String id, Section section, @Nullable String stopped, String command) {
        return stopped == null
                ? Finding.fine(id, section, "running")
                : new Finding(
                        id,
                        section,
                        State.CRITICAL,
                        "stopped: " + stopped,
                        "",
                        "nothing is lost (the log has it); mend the cause, see "
                                + command
                                + ", then restart");
    }

    private Finding lakeLag() {
        double lag = metrics.value("firn_lake_lag_seconds");
        return Finding.upTo(
                "lake_lag",
                Section.UPLOADER,
                lag,
                300,
                3_600,
                "oldest point that is not in the lake has waited "
                        + Shown.seconds(lag)
                        + "; "
                        + Shown.count(metrics.value("firn_lake_files_waiting"))
                        + " files wait",
                "5 min, critical 1 h",
                "points are safe in the log; is the object store reached? firn lake doctor");
    }

    private Finding uploadErrors(History history) {
        double failed = history.increase(FAILED, RECENT_SECONDS);
        return Finding.upTo(
                "upload_errors",
                Section.UPLOADER,
                failed,
                1,
                Double.POSITIVE_INFINITY,
                Shown.count(failed) + " files failed in 10 min",
                "none",
                "they are tried again; the log says why, firn lake doctor says what is missing");
    }

    private Finding uploads(History history) {
        String figure =
                "%s files, %s, %s failed tries"
                        .formatted(
                                Shown.count(history.increase(UPLOADED, HOUR_SECONDS)),
                                Shown.bytes(history.increase(BYTES, HOUR_SECONDS)),
                                Shown.count(history.increase(FAILED, HOUR_SECONDS)));
        return files("success") > 0
                ? Finding.fine("uploads", Section.UPLOADS, figure)
                : Finding.waiting("uploads", Section.UPLOADS, figure);
    }

    private Finding engineUp(History history) {
        double restarts = history.increase(RESTARTS, HOUR_SECONDS);
        String figure = Shown.count(restarts) + " restarts in the last hour";
        if (metrics.value("firn_engine_up") == 0) {
            return new Finding(
                    "engine",
                    Section.ENGINE,
                    State.CRITICAL,
                    "down; " + figure,
                    "",
                    "it is started again by itself; if it does not come, the log says why");
        }
        return Finding.upTo(
                "engine",
                Section.ENGINE,
                restarts,
                1,
                Double.POSITIVE_INFINITY,
                "up; " + figure,
                "none",
                "the log says why it ended; if for memory, raise memory_max or lower"
                        + " engine.classes.*.memory_max");
    }

    private Finding engineLag() {
        double lag = metrics.value("firn_engine_lag_seconds");
        return Finding.upTo(
                "engine_lag",
                Section.ENGINE,
                lag,
                60,
                600,
                "oldest point that is not in the engine has waited " + Shown.seconds(lag),
                "1 min, critical 10 min",
                "points are safe in the log; is the machine short of CPU or disk? firn engine");
    }

    private Finding rollupLag() {
        double lag = metrics.value("firn_rollup_lag_seconds");
        return Finding.upTo(
                "rollup_lag",
                Section.ENGINE,
                lag,
                900,
                7_200,
                "oldest window that waits for its rollup: " + Shown.seconds(lag),
                "15 min, critical 2 h",
                "answers stay right but slow; raise rollup.cpu if it does not fall");
    }

    private Finding slowQueries(History history) {
        double all = history.increase(QUERIES, 300);
        double slow = all - history.increase(QUICK, 300);
        return Finding.upTo(
                "slow_queries",
                Section.ENGINE,
                all == 0 ? 0 : slow / all,
                0.05,
                Double.POSITIVE_INFINITY,
                Shown.count(slow) + " of " + Shown.count(all) + " queries took over 10 s in 5 min",
                "5 %",
                "see firn_query_slow_total and the log for which; narrow their time range or read"
                        + " rollups");
    }
}

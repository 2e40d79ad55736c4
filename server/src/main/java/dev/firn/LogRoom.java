package dev.firn;

import dev.firn.analyse.cost.CutMeter;
import dev.firn.base.Clock;
import dev.firn.base.Disk;
import dev.firn.base.OwnMetrics;
import dev.firn.config.Config;
import dev.firn.engine.EngineSink;
import dev.firn.model.SeriesRegistry;
import dev.firn.process.state.StateRoom;
import dev.firn.wal.Wal;
import dev.firn.wal.WalOptions;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;

/// Opens the write-ahead log as the configuration says, and shows it to the sinks as each wants to
/// see it.
final class LogRoom {
    static final String LAKE = "lake";

    /// A sink takes in a whole cut at once, some 300 bytes a point (a histogram's counts and
    /// bounds, its block): a cut may take a tenth of the heap.
    private static final long HEAP_BYTES_A_POINT = 3_000;

    private LogRoom() {}

    static Wal open(
            Config config,
            Path data,
            Disk disk,
            Clock clock,
            SeriesRegistry registry,
            boolean processorsRemember,
            OwnMetrics metrics) {
        Wal wal =
                Wal.open(
                        data,
                        disk,
                        clock,
                        new SecureRandom(),
                        registry,
                        metrics,
                        options(config, processorsRemember));
        if (config.lake().enabled() && config.engine().enabled() && !config.engine().follows()) {
            // Only the lake holds the log back: what the engine misses, it finds there.
            wal.limit(
                    EngineSink.NAME,
                    Math.min(config.wal().retainEngine(), config.wal().sizeMax() / 2));
        }
        if (metered(config)) { // costs are not worth what the lake or the engine lose
            wal.limit(CutMeter.SINK, config.wal().sizeMax() / 4);
        }
        return wal;
    }

    /// Whether what is acknowledged is metered.
    static boolean metered(Config config) {
        return config.cost().enabled()
                && (config.lake().enabled()
                        || config.engine().enabled() && !config.engine().follows());
    }

    private static WalOptions options(Config config, boolean processorsRemember) {
        List<String> sinks = new ArrayList<>();
        if (processorsRemember) {
            sinks.add(StateRoom.SINK);
        }
        if (config.lake().enabled()) {
            sinks.add(LAKE);
        }
        if (config.engine().enabled() && !config.engine().follows()) {
            sinks.add(EngineSink.NAME);
        }
        if (metered(config)) {
            sinks.add(CutMeter.SINK);
        }
        WalOptions defaults = WalOptions.of(sinks.toArray(String[]::new));
        Config.Wal wal = config.wal();
        long heap = Runtime.getRuntime().maxMemory();
        return new WalOptions(
                null,
                sinks,
                wal.segmentSize(),
                wal.segmentAgeMaxNanos() / 1_000_000,
                wal.cutIntervalNanos() / 1_000_000,
                Math.min(defaults.cutBytesMax(), heap / 64),
                Math.min(defaults.cutPointsMax(), heap / HEAP_BYTES_A_POINT),
                wal.sizeMax(),
                wal.diskFreeMin(),
                defaults.queueMax(),
                defaults.queueWaitMillis(),
                defaults.retryMillis(),
                defaults.retriesMax(),
                switch (wal.onCorruption()) {
                    case FAIL -> WalOptions.OnCorruption.FAIL;
                    case SKIP -> WalOptions.OnCorruption.SKIP;
                });
    }
}

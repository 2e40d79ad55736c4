package dev.firn;

import dev.firn.base.Clock;
import dev.firn.base.Disk;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Reason;
import dev.firn.base.WorldException;
import dev.firn.export.send.QueueLog;
import dev.firn.model.CheckpointStore;
import dev.firn.model.CutLog;
import dev.firn.model.Intake;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.wal.Wal;
import dev.firn.wal.WalOptions;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;

/// The exporters' queues: a write-ahead log each, in `<data>/queue/<exporter>`, the name
/// URL-encoded. They hold nothing of the pipeline's own log back.
final class ExportQueues implements QueueLog.Opener {
    static final String FOLDER = "queue";

    private static final long SEGMENT_BYTES = 8L << 20;
    private static final long DISK_FREE_MIN = 256L << 20;
    private static final long CUT_BYTES_MAX = 16L << 20;
    private static final int WAITING_MAX = 1_024;
    private static final long WAIT_MILLIS = 1_000;

    private final Path data;
    private final Disk disk;
    private final Clock clock;
    private final long bytesMax;

    /// @param data the data directory
    /// @param bytesMax of each queue on disk
    ExportQueues(Path data, Disk disk, Clock clock, long bytesMax) {
        this.data = data;
        this.disk = disk;
        this.clock = clock;
        this.bytesMax = bytesMax;
    }

    @Override
    public QueueLog open(String exporter, long cutMillis, long cutPoints) {
        Path folder =
                data.resolve(FOLDER).resolve(URLEncoder.encode(exporter, StandardCharsets.UTF_8));
        try {
            disk.createDirectories(folder);
            disk.syncDirectory(data.resolve(FOLDER));
            disk.syncDirectory(data);
        } catch (IOException e) {
            throw new WorldException(
                    "cannot open the queue of exporter \""
                            + exporter
                            + "\" in \""
                            + folder
                            + "\": "
                            + Reason.of(e),
                    e);
        }
        var registry = new SeriesRegistry(SeriesIdentity.SHA_256, clock, Long.MAX_VALUE);
        // the names of a log's own metrics belong to the pipeline's
        Wal wal =
                Wal.open(
                        folder,
                        disk,
                        clock,
                        new SecureRandom(),
                        registry,
                        new OwnMetrics(),
                        options(cutMillis, cutPoints));
        return new Queue(wal, registry);
    }

    private WalOptions options(long cutMillis, long cutPoints) {
        WalOptions defaults = WalOptions.of(QueueLog.SINK);
        return new WalOptions(
                null,
                List.of(QueueLog.SINK),
                SEGMENT_BYTES,
                defaults.segmentAgeMaxMillis(),
                cutMillis,
                CUT_BYTES_MAX,
                cutPoints,
                bytesMax,
                DISK_FREE_MIN,
                WAITING_MAX,
                WAIT_MILLIS,
                0, // nothing comes here twice
                1,
                WalOptions.OnCorruption.SKIP);
    }

    private record Queue(Wal wal, SeriesRegistry series) implements QueueLog {
        @Override
        public Intake intake() {
            return wal;
        }

        @Override
        public CutLog cuts() {
            return wal;
        }

        @Override
        public CheckpointStore checkpoints() {
            return wal.checkpoints();
        }

        @Override
        public void close() {
            wal.close();
        }
    }
}

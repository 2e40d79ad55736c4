package dev.firn;

import dev.firn.engine.EngineSink;
import dev.firn.model.Cut;
import dev.firn.model.Retried;
import dev.firn.wal.Quarantine;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `firn wal retry`: hands each quarantined cut to its sink again, one after the other, and forgets
/// those that were taken.
final class QuarantineRetry {
    /// One cut's result, as commands show it.
    record Result(String sink, long sequence, boolean taken, String outcome) {}

    private static final long TIMEOUT_MILLIS = 60_000;

    private final Quarantine quarantine;
    private final String writer;
    private final @Nullable LakeRoom lake;
    private final @Nullable EngineRoom engine;

    QuarantineRetry(
            Quarantine quarantine,
            String writer,
            @Nullable LakeRoom lake,
            @Nullable EngineRoom engine) {
        this.quarantine = quarantine;
        this.writer = writer;
        this.lake = lake;
        this.engine = engine;
    }

    /// Two at once would only wait for each other's commits, and an erasure takes points out of
    /// these cuts.
    List<Result> run() {
        synchronized (quarantine) {
            var results = new ArrayList<Result>();
            for (String sink : quarantine.sinks()) {
                for (Quarantine.Entry entry : quarantine.list(sink)) {
                    results.add(retry(entry));
                }
            }
            return results;
        }
    }

    private Result retry(Quarantine.Entry entry) {
        Retried retried;
        try {
            retried =
                    entry.writer().equals(writer)
                            ? hand(entry)
                            : Retried.refused("it belongs to another writer, " + entry.writer());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            retried = Retried.refused("interrupted; try again");
        } catch (RuntimeException e) {
            retried = Retried.refused(e.toString());
        }
        if (retried.taken()) {
            quarantine.remove(entry);
        }
        return new Result(entry.sink(), entry.sequence(), retried.taken(), retried.outcome());
    }

    private Retried hand(Quarantine.Entry entry) throws InterruptedException {
        Cut cut = quarantine.read(entry);
        if (entry.sink().equals(EngineSink.NAME)) {
            EngineSink sink = engine == null ? null : engine.sink();
            return sink == null
                    ? Retried.refused(
                            engine == null
                                    ? "engine.enabled is false here"
                                    : "engine.source is lake here: the engine takes no cuts of the"
                                            + " log")
                    : sink.retry(cut, TIMEOUT_MILLIS);
        }
        if (entry.sink().equals(LogRoom.LAKE)) {
            return lake == null
                    ? Retried.refused("lake.enabled is false here")
                    : lake.sink().retry(cut, TIMEOUT_MILLIS);
        }
        return Retried.refused("this Firn has no such sink");
    }
}

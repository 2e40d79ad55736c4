package dev.firn.lake;

import dev.firn.base.Clock;
import dev.firn.base.WorldException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one way in which Firn's rows enter the lake: files and the writer's position in one
/// compare-and-swap on the table's metadata, accepted only if the stored position is exactly the
/// previous one. Iceberg's own `commit()`, and `Transaction`, can lose other writers' rows when a
/// commit was done but reported as a conflict; `docs/decisions/004-iceberg-commit.md` says why.
public final class LakeCommit {
    /// How a commit ended well.
    public enum Outcome {
        /// This call did it.
        COMMITTED,
        /// It stood there before: a repeat, or an answer that was lost.
        ALREADY
    }

    private static final Logger LOG = LoggerFactory.getLogger(LakeCommit.class);

    /// Attempts of one call, some 15 s with pauses of up to 2 s.
    public static final int ATTEMPTS_MAX = 20;

    /// An attempt over a network that answers nobody takes minutes: no further one after this.
    private static final long PATIENCE_NANOS = 60L * 1_000_000_000;

    private final Backoff backoff;
    private final int attemptsMax;
    private final Clock clock;
    private final Runnable retried;

    /// The last call ended unknown. Each attempt leaves a manifest, a list and metadata behind that
    /// nothing may delete, so that the next calls make one attempt each, and the caller's pauses
    /// are long.
    private volatile boolean inDoubt;

    /// @param attemptsMax after so many unknown ends the last exception is thrown; the caller may
    ///   call again with the same arguments
    public LakeCommit(Backoff backoff, int attemptsMax) {
        this(backoff, attemptsMax, Clock.system(), () -> {});
    }

    /// @param retried told of each attempt but the first
    public LakeCommit(Backoff backoff, int attemptsMax, Clock clock, Runnable retried) {
        this.backoff = backoff;
        this.attemptsMax = attemptsMax;
        this.clock = clock;
        this.retried = retried;
    }

    /// Appends `files` and moves the writer's position from `previous` to `next`. The intent must
    /// be on disk before. Data files are never deleted here: any attempt may be the one that
    /// stands.
    ///
    /// @param previous the position that the lake must hold; null for none
    /// @throws ForeignPosition when the lake holds neither position
    /// @throws RuntimeException when it is unknown whether the commit is done
    public Outcome commit(
            Table table,
            String writer,
            @Nullable String previous,
            String next,
            List<DataFile> files) {
        TableOperations operations = ((HasTableOperations) table).operations();
        String key = LakePaths.writerProperty(writer);
        long began = clock.ticks();
        for (int attempt = 0; ; attempt++) {
            try {
                TableMetadata base = operations.refresh();
                String stored = base.properties().get(key);
                if (next.equals(stored)) {
                    inDoubt = false;
                    return Outcome.ALREADY;
                }
                if (!Objects.equals(previous, stored)) {
                    throw new ForeignPosition(
                            table.name(),
                            writer,
                            stored,
                            ForeignPosition.quoted(previous) + " or \"" + next + "\"");
                }
                AppendFiles append =
                        table.newFastAppend().set(LakePaths.POSITION_SUMMARY, writer + "=" + next);
                files.forEach(append::appendFile);
                Snapshot snapshot = append.apply(); // writes manifests; never append.commit()
                operations.commit(
                        base,
                        TableMetadata.buildFrom(base)
                                .setBranchSnapshot(snapshot, SnapshotRef.MAIN_BRANCH)
                                .setProperties(Map.of(key, next))
                                .build());
                inDoubt = false;
                return Outcome.COMMITTED;
            } catch (ForeignPosition e) {
                inDoubt = false;
                throw e;
            } catch (RuntimeException e) {
                // Conflict, CommitStateUnknown, SQL, HTTP, NotFound: all mean "unknown": look
                // again.
                if (inDoubt
                        || attempt + 1 >= attemptsMax
                        || clock.ticks() - began > PATIENCE_NANOS) {
                    inDoubt = true;
                    throw e;
                }
                LOG.debug("commit to {} as {} is unknown, looking again", table.name(), next, e);
                retried.run();
                pause(backoff.pauseMillis(attempt));
            }
        }
    }

    /// True after a call that ended unknown, until one ends otherwise.
    boolean inDoubt() {
        return inDoubt;
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WorldException("cannot finish the commit: interrupted by the shutdown", e);
        }
    }
}

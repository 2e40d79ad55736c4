package dev.firn.lake.compact;

import dev.firn.lake.LakeJob;
import dev.firn.lake.LakePace;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Compaction of both tables as a job of the lake.
public final class CompactJob implements LakeJob {
    private static final Logger LOG = LoggerFactory.getLogger(CompactJob.class);

    private final Compaction compaction;
    private final Duration every;

    public CompactJob(Compaction compaction, Duration every) {
        this.compaction = compaction;
        this.every = every;
    }

    @Override
    public String name() {
        return "compact";
    }

    @Override
    public Duration every() {
        return every;
    }

    @Override
    public void run(LakePace pace) throws InterruptedException {
        List<Compaction.Merge> merges = compaction.run(Compaction.Scope.ALL, pace);
        LOG.debug("compaction merged {} groups of files", merges.size());
    }
}

package dev.firn;

import dev.firn.base.InputException;
import dev.firn.base.WorldException;
import dev.firn.engine.EngineFeed;
import dev.firn.model.Retried;
import dev.firn.ops.DayText;
import dev.firn.ops.RebuildProgress;
import dev.firn.web.Rebuilding;
import org.jspecify.annotations.Nullable;

/// `firn lake rebuild-engine` in a running Firn: whoever fills the engine does it, between its
/// rounds.
final class EngineRebuilding implements Rebuilding {
    private static final long TIMEOUT_MILLIS = 60_000;

    private final EngineFeed feed;

    EngineRebuilding(EngineFeed feed) {
        this.feed = feed;
    }

    @Override
    public Object begin(@Nullable String from, @Nullable String to) {
        try {
            return feed.rebuild(DayText.range(from, to), TIMEOUT_MILLIS);
        } catch (InputException e) {
            return Retried.refused(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WorldException("interrupted while asking the engine", e);
        }
    }

    @Override
    public Object progress() {
        return RebuildProgress.of(feed.lakeProgress());
    }
}

package dev.firn;

import dev.firn.base.InputException;
import dev.firn.base.WorldException;
import dev.firn.engine.DayRange;
import dev.firn.engine.EngineFeed;
import dev.firn.model.Retried;
import dev.firn.ops.DayText;
import dev.firn.ops.RebuildProgress;
import dev.firn.web.Task;
import java.util.Map;
import java.util.function.Consumer;

/// `firn lake rebuild-engine` in a running Firn: whoever fills the engine does it, between its
/// rounds, whether somebody looks on or not. Parameters `from` and `to` are UTC dates.
final class EngineRebuilding implements Task {
    private static final long BEGIN_MILLIS = 60_000;
    private static final long POLL_MILLIS = 200;

    private final EngineFeed feed;

    EngineRebuilding(EngineFeed feed) {
        this.feed = feed;
    }

    @Override
    public Object run(Map<String, String> parameters, Consumer<String> progress)
            throws InterruptedException {
        DayRange range = DayText.range(parameters.get("from"), parameters.get("to"));
        Retried begun = feed.rebuild(range, BEGIN_MILLIS);
        if (!begun.taken()) {
            throw new InputException("cannot rebuild the engine: " + begun.outcome());
        }
        while (feed.lakeProgress().running()) {
            String stopped = feed.stopped();
            if (stopped != null) {
                throw new WorldException("cannot rebuild the engine: " + stopped);
            }
            feed.troubles().forEach(progress);
            progress.accept(feed.lakeProgress().describe());
            Thread.sleep(POLL_MILLIS);
        }
        return RebuildProgress.of(feed.lakeProgress());
    }
}

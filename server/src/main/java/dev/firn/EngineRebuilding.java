package dev.firn;

import dev.firn.base.WorldException;
import dev.firn.engine.EngineFeed;
import dev.firn.model.Retried;
import dev.firn.ops.DayText;
import dev.firn.web.Task;
import java.util.Map;
import java.util.function.Consumer;

/// `firn lake rebuild-engine` in a running Firn: whoever fills the engine does it, between its
/// rounds. It goes on when nobody waits for it any more.
final class EngineRebuilding implements Task {
    private static final long TIMEOUT_MILLIS = 60_000;
    private static final long POLL_MILLIS = 200;

    private final EngineFeed feed;

    EngineRebuilding(EngineFeed feed) {
        this.feed = feed;
    }

    @Override
    public Object run(Map<String, String> parameters, Consumer<String> progress)
            throws InterruptedException {
        Retried begun =
                feed.rebuild(
                        DayText.range(parameters.get("from"), parameters.get("to")),
                        TIMEOUT_MILLIS);
        if (!begun.taken()) {
            throw new WorldException("cannot rebuild the engine: " + begun.outcome());
        }
        while (feed.lakeProgress().running()) {
            String stopped = feed.stopped();
            if (stopped != null) {
                throw new WorldException("cannot rebuild the engine: " + stopped);
            }
            progress.accept(feed.lakeProgress().describe());
            Thread.sleep(POLL_MILLIS);
        }
        return Map.of("rows", feed.lakeProgress().rowsDone());
    }
}

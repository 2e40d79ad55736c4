package dev.firn.engine;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.config.Config;
import dev.firn.model.CheckpointStore;
import dev.firn.model.CutLog;
import dev.firn.model.LakeHistory;
import org.jspecify.annotations.Nullable;

/// Makes who fills an engine: the log's sink, or with `engine.source: lake` a follower.
///
/// @param history the lake; null for none
/// @param followMillis how often a follower looks for new snapshots
public record EngineFeeds(
        Config.Engine config,
        @Nullable LakeHistory history,
        EngineClient client,
        EngineHome home,
        CheckpointStore checkpoints,
        Clock clock,
        OwnMetrics metrics,
        long followMillis) {
    /// @param log whose cuts a sink takes in; of a follower's only who writes it
    /// @param schema the same that the worker of rollups has: it holds the gate between the two
    public EngineFeed open(CutLog log, Schema schema) {
        Retention retention = Retention.rules(config.retentionDays(), config.retentionRules());
        if (config.follows() && history != null) {
            return new EngineFollower(
                    log.writer(),
                    log.epoch(),
                    history,
                    client,
                    home,
                    schema,
                    retention,
                    checkpoints,
                    clock,
                    metrics,
                    followMillis,
                    Failpoint.NONE);
        }
        return new EngineSink(
                log,
                history,
                client,
                home,
                schema,
                retention,
                checkpoints,
                clock,
                metrics,
                Failpoint.NONE);
    }
}

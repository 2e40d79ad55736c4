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
/// @param schema shared with the rollups of the same engine, for its gate between them
/// @param followMillis how often a follower looks for new snapshots
public record EngineFeeds(
        Config.Engine config,
        @Nullable LakeHistory history,
        EngineClient client,
        EngineHome home,
        Schema schema,
        CheckpointStore checkpoints,
        Clock clock,
        OwnMetrics metrics,
        long followMillis) {
    /// What the query ids of all inserts of who fills it begin with.
    ///
    /// @param writer whose log it is
    public static String queryIdPrefix(Config.Engine config, String writer) {
        return config.follows()
                ? EngineFollower.queryIdPrefix(writer)
                : EngineSink.queryIdPrefix(writer);
    }

    /// @param log whose cuts a sink takes in; of a follower's only who writes it
    public EngineFeed open(CutLog log) {
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

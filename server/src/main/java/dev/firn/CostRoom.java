package dev.firn;

import dev.firn.analyse.cost.CostEvaluator;
import dev.firn.analyse.cost.CutMeter;
import dev.firn.analyse.cost.QueryMeter;
import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Worker;
import dev.firn.config.Config;
import dev.firn.query.AlertBook;
import dev.firn.query.CostBook;
import dev.firn.query.LakeSizes;
import dev.firn.query.QueryCosts;
import dev.firn.query.ResultTables;
import dev.firn.query.StateFile;
import dev.firn.wal.Wal;
import dev.firn.web.Reading;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What storing and asking costs: the meter at the log, and, where there is an engine, readings of
/// what is stored, with prices.
final class CostRoom implements AutoCloseable {
    private static final long WORKER_MILLIS = 3_000;

    private final List<Worker> workers = new ArrayList<>();
    private final @Nullable CostEvaluator evaluator;

    private CostRoom(@Nullable CostEvaluator evaluator) {
        this.evaluator = evaluator;
    }

    static CostRoom open(
            Config config,
            Path data,
            Wal wal,
            @Nullable LakeRoom lake,
            @Nullable EngineRoom engine,
            AlertBook alerts,
            Clock clock,
            OwnMetrics metrics)
            throws InterruptedException {
        if (!config.cost().enabled()) {
            return new CostRoom(null);
        }
        var book = new CostBook(StateFile.open(data));
        @Nullable CostEvaluator evaluator = null;
        if (engine != null) {
            var tables = new ResultTables(engine.client(), engine.schema().database());
            evaluator =
                    new CostEvaluator(
                            config.cost(),
                            engine.queries(),
                            tables,
                            lake == null ? null : new LakeSizes(lake.catalog()),
                            book,
                            alerts,
                            clock,
                            metrics);
        }
        if (evaluator != null && engine != null && engine.prepared()) { // else in its first round
            evaluator.define();
        }
        var room = new CostRoom(evaluator);
        if (LogRoom.metered(config)) {
            room.workers.add(
                    Worker.start(
                            "cost-meter",
                            new CutMeter(
                                    wal,
                                    book,
                                    config.cost().team(),
                                    config.cost().groupsMax(),
                                    engine != null && config.quality().enabled(),
                                    clock,
                                    metrics)));
        }
        if (engine != null && evaluator != null) {
            room.workers.add(Worker.start("cost", engine.after(evaluator)));
            if (engine.countsQueries()) {
                room.workers.add(
                        Worker.start(
                                "query-meter",
                                new QueryMeter(
                                        new QueryCosts(engine.client()),
                                        book,
                                        config.cost().groupsMax(),
                                        clock,
                                        metrics)));
            }
        }
        return room;
    }

    /// What it answers, by path below `/api/firn/v1/`.
    Map<String, Reading> readings() {
        CostEvaluator its = evaluator;
        return its == null ? Map.of() : Map.of("cost", parameters -> its.answer());
    }

    /// What does not work.
    List<String> troubles() {
        String trouble = evaluator == null ? null : evaluator.trouble();
        return trouble == null ? List.of() : List.of(trouble);
    }

    @Override
    public void close() {
        workers.forEach(worker -> worker.close(WORKER_MILLIS));
    }
}

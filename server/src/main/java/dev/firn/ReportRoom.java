package dev.firn;

import dev.firn.base.Clock;
import dev.firn.base.Disk;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Worker;
import dev.firn.config.Config;
import dev.firn.engine.EngineException;
import dev.firn.lake.store.Store;
import dev.firn.ops.report.ReportSchedule;
import dev.firn.ops.report.Table;
import dev.firn.query.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reports on a schedule.
final class ReportRoom implements AutoCloseable {
    private static final int UNKNOWN_TABLE = 60;

    private final Store store;
    private final @Nullable Worker worker;

    private ReportRoom(Store store, @Nullable Worker worker) {
        this.store = store;
        this.worker = worker;
    }

    static ReportRoom open(
            Config config,
            Path data,
            Disk disk,
            EngineRoom engine,
            Clock clock,
            OwnMetrics metrics) {
        var store = new Store(config.lake(), data, disk, clock, () -> {});
        var schedule =
                new ReportSchedule(
                        config.reports(),
                        (name, sql) -> ask(engine, name, sql),
                        store.files(),
                        data.resolve("state").resolve("reports.properties"),
                        clock,
                        metrics);
        return new ReportRoom(
                store,
                config.reports().isEmpty()
                        ? null
                        : Worker.start("reports", engine.after(schedule)));
    }

    private static Table ask(EngineRoom engine, String name, String sql)
            throws InterruptedException {
        try {
            Answer answer = engine.queries().askText(name, sql, Map.of());
            List<List<@Nullable String>> rows =
                    answer.rows().stream()
                            .<List<@Nullable String>>map(row -> List.copyOf(row.values()))
                            .toList();
            return Table.of(answer.columns(), answer.types(), rows);
        } catch (EngineException e) {
            if (e.code() == UNKNOWN_TABLE) {
                return Table.NONE;
            }
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        if (worker != null) {
            worker.close();
        }
        store.close();
    }
}

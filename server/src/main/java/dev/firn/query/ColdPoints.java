package dev.firn.query;

import dev.firn.base.Clock;
import dev.firn.engine.EngineClient;
import dev.firn.engine.EngineSql;
import dev.firn.engine.Schema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;

/// What `metrics_local_v2` shows of the lake: the points from before a *border*. The engine's part
/// begins at the border, so that no point shows twice and none is missing, whenever the engine gets
/// to dropping what has expired.
///
/// The border is a midnight, [#MARGIN_DAYS] later than the least `engine.retention` of any series
/// reaches: points that would expire within two days never come into the engine. It moves on only;
/// after `engine.retention` was raised it stays until what came since reaches back as far. It
/// stands in a table of its own, in which one INSERT moves it for all readers at once, after the
/// list of files that it needs was replaced.
final class ColdPoints {
    /// Tables that list the files; two, because for a mean the points before are needed too, so
    /// that readers leave other files out.
    static final List<String> TABLES = List.of("cold", "cold_distributions");

    private static final long DAY_MILLIS = 86_400_000;
    private static final int MARGIN_DAYS = 3;

    /// What the engine has.
    ///
    /// @param daysMin the least retention of any series
    /// @param writer whose points it has; null for all writers' of the lake
    record Kept(int daysMin, @Nullable String writer, Schema schema) {}

    private final EngineClient client;
    private final FileServer server;
    private final Map<String, String> names;
    private final Kept kept;
    private final Clock clock;
    private List<String> shown = List.of();
    private int schemaId = -1;
    private long border;

    ColdPoints(
            EngineClient client,
            FileServer server,
            Map<String, String> names,
            Kept kept,
            Clock clock) {
        this.client = client;
        this.server = server;
        this.names = names;
        this.kept = kept;
        this.clock = clock;
    }

    /// The engine is another: looks what stands there.
    void begin() throws InterruptedException {
        client.execute(EngineSql.read("query/create_border", names));
        border = client.query(EngineSql.read("query/read_border", names)).getFirst().number(0);
        schemaId = -1;
    }

    /// Shows what is before the border, which moves on with the days.
    ///
    /// @param files all of the snapshot with their least time, in milliseconds
    void show(Table table, SortedMap<String, Long> files) throws InterruptedException {
        long midnight = Math.floorDiv(clock.nanos() / 1_000_000, DAY_MILLIS) * DAY_MILLIS;
        long next = Math.max(border, midnight - (kept.daysMin() - MARGIN_DAYS) * DAY_MILLIS);
        var cold = new ArrayList<String>();
        files.forEach((file, least) -> {
            if (least < next) {
                cold.add(file);
            }
        });
        boolean first = schemaId != table.schema().schemaId();
        if (first || !cold.equals(shown)) {
            for (String name : TABLES) {
                list(table, name, cold);
            }
            shown = List.copyOf(cold);
        }
        if (next > border) {
            var parameters = new HashMap<>(names);
            parameters.put("millis", Long.toString(next));
            client.execute(EngineSql.read("query/move_border", parameters));
            border = next;
        }
        if (first) {
            define();
            schemaId = table.schema().schemaId();
        }
    }

    private void list(Table table, String name, List<String> files) throws InterruptedException {
        var parameters = new HashMap<>(names);
        parameters.put("table", name);
        parameters.put("columns", LakeColumns.declaration(table.schema()));
        parameters.put("engine", FileList.engine(table, files, server));
        client.executeLong(EngineSql.read("query/replace_lake_table", parameters));
    }

    private void define() throws InterruptedException {
        String lake = names.getOrDefault("lake", "");
        String writer = kept.writer();
        StoreViews.defineCold(
                client,
                names.getOrDefault("database", ""),
                lake,
                "(SELECT max(time) FROM " + lake + ".border)",
                writer == null ? "1" : "p.src = '" + EngineSql.quoted(writer) + "'",
                kept.schema().precision().unitNanos());
    }

    /// The least time of a file's points, in milliseconds; the least of all where it is not known.
    static long least(Table table, DataFile file) {
        Long micros = FileRows.timeMin(table, file);
        return micros == null ? Long.MIN_VALUE : Math.floorDiv(micros, 1_000L);
    }
}

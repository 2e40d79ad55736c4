package dev.firn.ops;

import dev.firn.base.Clock;
import dev.firn.base.WorldException;
import dev.firn.engine.EngineClient;
import dev.firn.engine.EngineHours;
import dev.firn.engine.Schema;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakeLs;
import dev.firn.lake.LakePaths;
import dev.firn.lake.LakeVerify;
import dev.firn.model.Position;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// `firn lake verify`: lake against engine at the lake's position, for the hours that both keep in
/// whole.
public final class Verification {
    private static final int ROWS_MAX = 2_000_000;
    private static final int DIFFERENCES_MAX = 100;
    private static final long HOUR_NANOS = 3_600_000_000_000L;
    private static final long HOURS_AHEAD = 24L * 400;

    /// What was found, as commands show it.
    ///
    /// @param differences the first hundred, a line each
    public record Outcome(List<String> differences, String summary) {
        public Outcome {
            differences = List.copyOf(differences);
        }
    }

    private Verification() {}

    /// Compares.
    ///
    /// @param writer whose rows alone the engine has; empty if it follows the lake
    ///
    /// @param retentionDays of the engine; hours that are about to expire are left out
    public static Outcome run(
            LakeCatalog catalog,
            EngineClient client,
            Schema schema,
            int retentionDays,
            Optional<String> writer,
            Clock clock) {
        Map<String, Long> positions = positions(catalog);
        writer.ifPresent(own -> positions.keySet().retainAll(Set.of(own)));
        long now = clock.nanos() / HOUR_NANOS;
        // Points within two days of their expiry are not taken into the engine.
        var scope =
                new LakeVerify.Scope(now - (retentionDays - 3L) * 24, now + HOURS_AHEAD, positions);
        var verify =
                new LakeVerify(
                        catalog.load(LakePaths.POINTS),
                        ROWS_MAX,
                        DIFFERENCES_MAX,
                        precisionNanos(schema));
        LakeVerify.Result result = verify.compare(scope, new Days(client, schema, scope)::hours);
        var lines = new ArrayList<String>();
        result.differences().forEach(difference -> lines.add(difference.toString()));
        return new Outcome(
                lines,
                (result.equal() ? "equal" : result.differenceCount() + " differences")
                        + ": "
                        + result.metricHours()
                        + " hours of metrics, "
                        + result.rowsRead()
                        + " rows of the lake, at "
                        + positions);
    }

    private static long precisionNanos(Schema schema) {
        return switch (schema.precision()) {
            case MILLIS -> 1_000_000;
            case MICROS -> 1_000;
            case NANOS -> 1;
        };
    }

    private static Map<String, Long> positions(LakeCatalog catalog) {
        var positions = new HashMap<String, Long>();
        new LakeLs(catalog)
                .table(LakePaths.POINTS)
                .positions()
                .forEach((writer, position) ->
                        positions.put(writer, Position.parse(position).sequence()));
        return positions;
    }

    /// Asks the engine for a day at a time, because the comparison goes hour by hour.
    private static final class Days {
        private static final long DAY_HOURS = 24;

        private final EngineClient client;
        private final Schema schema;
        private final LakeVerify.Scope whole;
        private final List<EngineHours.Hour> hours = new ArrayList<>();
        private long from;
        private long to;

        Days(EngineClient client, Schema schema, LakeVerify.Scope whole) {
            this.client = client;
            this.schema = schema;
            this.whole = whole;
            this.from = whole.fromHour();
            this.to = whole.fromHour();
        }

        void hours(LakeVerify.Scope scope, Consumer<LakeVerify.Hour> each) {
            for (long at = scope.fromHour(); at < scope.toHour(); ) {
                if (at < from || at >= to) {
                    long end =
                            Math.max(
                                    scope.toHour(),
                                    Math.floorDiv(at, DAY_HOURS) * DAY_HOURS + DAY_HOURS);
                    load(at, Math.min(whole.toHour(), end));
                }
                long until = Math.min(scope.toHour(), to);
                for (EngineHours.Hour hour : hours) {
                    if (hour.hour() >= at && hour.hour() < until) {
                        each.accept(
                                new LakeVerify.Hour(
                                        hour.metricName(),
                                        hour.hour(),
                                        hour.points(),
                                        hour.measurements(),
                                        hour.sum()));
                    }
                }
                at = until;
            }
        }

        private void load(long fromHour, long toHour) {
            hours.clear();
            try {
                EngineHours.read(client, schema, fromHour, toHour, whole.positions(), hours::add);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new WorldException("interrupted while asking the engine", e);
            }
            from = fromHour;
            to = toHour;
        }
    }
}

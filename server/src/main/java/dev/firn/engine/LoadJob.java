package dev.firn.engine;

import dev.firn.model.LakeHistory;
import dev.firn.model.Retried;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Rows of the lake that are being brought into the engine: what is durable of it before the first
/// row is touched, so that whoever comes after a crash knows which rows may be there in part.
///
/// @param snapshot state of the lake that is read
/// @param src writer whose rows they are, or [LakeHistory#ANY]
/// @param after cut after which they come
/// @param upTo the last cut
/// @param days UTC days since 1970 still to do; null: the rows that the snapshot appended
/// @param clear all such rows of the engine go first, whatever their day
/// @param asked the range that somebody asked for, as text; empty: nobody did
record LoadJob(
        long snapshot,
        String src,
        long after,
        long upTo,
        @Nullable List<Long> days,
        boolean clear,
        String asked) {
    private static final String APPENDED = "appended";

    LoadJob {
        days = days == null ? null : List.copyOf(days);
    }

    /// Every writer's rows.
    static LoadJob all(long snapshot, List<Long> days, boolean clear) {
        return new LoadJob(snapshot, LakeHistory.ANY, 0, Long.MAX_VALUE, days, clear, "");
    }

    LoadJob cleared() {
        return new LoadJob(snapshot, src, after, upTo, days, false, asked);
    }

    LoadJob withDays(List<Long> left) {
        return new LoadJob(snapshot, src, after, upTo, left, clear, asked);
    }

    /// The same rows in another state of the lake.
    LoadJob at(long otherSnapshot) {
        return new LoadJob(otherSnapshot, src, after, upTo, days, clear, asked);
    }

    /// As an answer to somebody's wish.
    LoadJob asked(DayRange range) {
        return new LoadJob(snapshot, src, after, upTo, days, clear, range.toString());
    }

    /// What becomes of a wish while a job runs; null if none does. The same wish again is the same
    /// job: it may be that of a command that was broken off.
    static @Nullable Retried running(@Nullable LoadJob job, DayRange range) {
        if (job == null) {
            return null;
        }
        return job.asked.equals(range.toString())
                ? Retried.taken("going on")
                : Retried.refused("the engine is reading from the lake already; wait for its end");
    }

    LakeHistory.Part part(@Nullable Long day) {
        return new LakeHistory.Part(snapshot, day, src, after, upTo);
    }

    /// The condition on the engine's rows.
    String condition() {
        var writer = src.equals(LakeHistory.ANY) ? "1" : "src = '" + EngineSql.quoted(src) + "'";
        return writer
                + (after > 0 ? " AND seq > " + after : "")
                + (upTo < Long.MAX_VALUE ? " AND seq <= " + upTo : "");
    }

    void write(Map<String, String> fields) {
        fields.put("snapshot", Long.toString(snapshot));
        fields.put("src", src);
        fields.put("after", Long.toString(after));
        fields.put("up_to", Long.toString(upTo));
        fields.put("clear", Boolean.toString(clear));
        fields.put("asked", asked);
        fields.put(
                "days",
                days == null
                        ? APPENDED
                        : days.stream().map(String::valueOf).collect(Collectors.joining(",")));
    }

    /// What [#write] wrote; null if there was none.
    static @Nullable LoadJob read(Map<String, String> fields) {
        String snapshot = fields.get("snapshot");
        if (snapshot == null) {
            return null;
        }
        String days = fields.getOrDefault("days", "");
        return new LoadJob(
                Long.parseLong(snapshot),
                fields.getOrDefault("src", ""),
                Long.parseLong(fields.getOrDefault("after", "0")),
                Long.parseLong(fields.getOrDefault("up_to", "0")),
                days.equals(APPENDED)
                        ? null
                        : Arrays.stream(days.split(","))
                                .filter(day -> !day.isEmpty())
                                .map(Long::valueOf)
                                .toList(),
                Boolean.parseBoolean(fields.get("clear")),
                fields.getOrDefault("asked", ""));
    }
}

-- Reads which kinds and days have marks of which origin, with the number of marks and when the oldest was written, seconds since 1970. Parameters: ${database}.
SELECT kind, toUInt32(day), marked_by, count(), toUnixTimestamp(min(written_at))
FROM ${database}.firn_rollup_marks FINAL
GROUP BY kind, day, marked_by
ORDER BY day, kind, marked_by

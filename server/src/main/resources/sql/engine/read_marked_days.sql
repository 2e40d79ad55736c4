-- Reads which kinds and days have marks, with the number of marks and the age of the oldest, s. Parameters: ${database}; ${version}: marks below it.
SELECT kind, toUInt32(day), count(), toUnixTimestamp(now()) - toUnixTimestamp(min(written_at))
FROM ${database}.firn_rollup_marks FINAL
WHERE version < ${version}
GROUP BY kind, day
ORDER BY day, kind

-- Reads ranges of windows that are marked for all series, seconds since 1970, the earliest first. Parameters: ${database}; ${marks}, condition on the marks; ${limit}.
SELECT toUnixTimestamp(from_window), toUnixTimestamp(to_window), marked_by, kind, version
FROM ${database}.firn_rollup_marks FINAL
WHERE ${marks}
ORDER BY from_window, to_window
LIMIT ${limit}

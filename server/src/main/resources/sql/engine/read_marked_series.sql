-- Reads the first marked series of a kind and day with their ranges of windows, seconds since 1970. Parameters: ${database}; ${marks}, condition on the marks; ${limit}.
SELECT metric_id, series_id, toUnixTimestamp(min(from_window)), toUnixTimestamp(max(to_window))
FROM ${database}.firn_rollup_marks FINAL
WHERE ${marks}
GROUP BY metric_id, series_id
ORDER BY metric_id, series_id
LIMIT ${limit}

-- Marks the windows of points for computation, by series and day. Parameters: ${database}; ${kind}, table of points; ${from}, ${to}, seconds since 1970; ${version}.
INSERT INTO ${database}.firn_rollup_marks (kind, day, metric_id, series_id, from_window, to_window, marked_by, version, deleted)
SELECT
    '${kind}', toDate(time, 'UTC') AS day, metric_id, series_id,
    min(toStartOfFiveMinutes(toDateTime(time, 'UTC'))), max(toStartOfFiveMinutes(toDateTime(time, 'UTC'))) + 300,
    'closed', ${version}, 0
FROM ${database}.${kind}
WHERE time >= toDateTime(${from}, 'UTC') AND time < toDateTime(${to}, 'UTC')
GROUP BY day, metric_id, series_id
SETTINGS max_threads = 1, async_insert = 0

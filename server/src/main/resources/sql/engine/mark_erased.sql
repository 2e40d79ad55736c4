-- Marks the windows of points that stay beside erased ones: they are computed anew. Parameters: ${database}; ${kind}, table of points; ${series}, condition over table series; ${condition}, condition over the points that go; ${days}, condition on time, whole days; ${version}.
INSERT INTO ${database}.firn_rollup_marks (kind, day, metric_id, series_id, from_window, to_window, marked_by, version, deleted)
SELECT
    '${kind}', toDate(time, 'UTC') AS day, metric_id, series_id,
    min(toStartOfFiveMinutes(toDateTime(time, 'UTC'))), max(toStartOfFiveMinutes(toDateTime(time, 'UTC'))) + 300,
    'late', ${version}, 0
FROM ${database}.${kind}
WHERE series_id IN (SELECT series_id FROM ${database}.series WHERE ${series}) AND (${days}) AND NOT (${condition})
GROUP BY day, metric_id, series_id
SETTINGS max_threads = 1, async_insert = 0

-- Marks rows of rollup_5m as deleted whose windows have no points any more. Parameters: ${database}; ${points}, table; ${live}, condition on (metric_id, series_id, time); ${version} of the rows.
INSERT INTO ${database}.rollup_5m (metric_id, series_id, time, retention_days, version, deleted)
SELECT metric_id, series_id, time, retention_days, ${version}, 1
FROM (SELECT * FROM ${database}.rollup_5m FINAL WHERE ${live})
WHERE (metric_id, series_id, time) NOT IN
(
    SELECT metric_id, series_id, toStartOfFiveMinutes(toDateTime(time, 'UTC')) FROM ${database}.${points} WHERE ${live}
)
SETTINGS max_threads = 1, async_insert = 0

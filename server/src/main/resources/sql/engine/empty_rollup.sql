-- Marks rows of a rollup as deleted whose windows have nothing any more. Parameters: ${database}; ${table}; ${from}, what it is computed from; ${window}, function that rounds time down; ${live}, condition on (metric_id, series_id, time) of both, whole windows; ${version} of the rows.
INSERT INTO ${database}.${table} (metric_id, series_id, time, retention_days, version, deleted)
SELECT metric_id, series_id, time, retention_days, ${version}, 1
FROM (SELECT metric_id, series_id, time, retention_days FROM ${database}.${table} FINAL WHERE ${live})
WHERE (metric_id, series_id, time) NOT IN
(
    SELECT metric_id, series_id, toDateTime(${window}(toDateTime(time, 'UTC')), 'UTC') FROM ${database}.${from} WHERE ${live}
)
SETTINGS max_threads = 1, async_insert = 0, max_partitions_per_insert_block = 0

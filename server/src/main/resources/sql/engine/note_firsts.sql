-- Notes first points that were counted as unknown although they have a start: rows of rollup_5m say so. Parameters: ${database}; ${kind}; ${rows}, condition on (metric_id, series_id, time) of the rows; ${age_max}, ms, of a first point that counts in full.
INSERT INTO ${database}.firn_rollup_firsts (kind, metric_id, series_id, time, start_time, watched, retention_days)
SELECT '${kind}', metric_id, series_id, first_time, first_start, 0, retention_days
FROM ${database}.rollup_5m
WHERE ${rows} AND unknown_baselines > 0 AND deleted = 0 AND toUnixTimestamp64Milli(first_start) > 0
    AND toUnixTimestamp64Milli(first_time) - toUnixTimestamp64Milli(first_start) > ${age_max}
SETTINGS max_threads = 1, async_insert = 0

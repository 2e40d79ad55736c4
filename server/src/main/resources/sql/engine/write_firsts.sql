-- Stores first points. Parameters: ${database}; ${rows}, tuples of (kind, metric_id, series_id, time, start_time, watched, retention_days), times as whole numbers.
INSERT INTO ${database}.firn_rollup_firsts (kind, metric_id, series_id, time, start_time, watched, retention_days)
SETTINGS async_insert = 0
VALUES ${rows}

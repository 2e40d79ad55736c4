-- Marks closed windows that points are about to fall into. Parameters: ${database}; ${rows}, of (kind, day, metric, series, first window, end of the last); ${version}.
INSERT INTO ${database}.firn_rollup_marks (kind, day, metric_id, series_id, from_window, to_window, marked_by, version, deleted)
SELECT kind, toDate(day), metric_id, series_id, toDateTime(from, 'UTC'), toDateTime(to, 'UTC'), 'late', ${version}, 0
FROM values('kind String, day UInt32, metric_id UInt32, series_id Int64, from UInt32, to UInt32', ${rows})
SETTINGS async_insert = 0

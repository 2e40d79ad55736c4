-- Deletes marks that were worked off. Parameters: ${database}; ${marks}, condition on the marks.
INSERT INTO ${database}.firn_rollup_marks (kind, day, metric_id, series_id, from_window, to_window, marked_by, version, deleted)
SELECT kind, day, metric_id, series_id, from_window, to_window, marked_by, version + 1, 1
FROM ${database}.firn_rollup_marks FINAL
WHERE ${marks}
SETTINGS max_threads = 1, async_insert = 0

-- Replaces a view of one row: from where on rollups are computed from points; of windows of 5 minutes, then of longer ones, of series that are marked and of all. Parameters: ${database}.
CREATE OR REPLACE VIEW ${database}.firn_rollup_border AS
SELECT
    least(closed, from_marked) AS marked_5m,
    least(closed, from_all) AS all_5m,
    least(closed, from_any) AS marked_longer,
    least(closed, from_all, from_hours) AS all_longer
FROM (SELECT argMax(closed_to, version) AS closed FROM ${database}.firn_rollup_state) AS s
CROSS JOIN
(
    SELECT
        toDateTime(4294967295, 'UTC') AS never,
        if(count() = 0, never, min(from_window)) AS from_any,
        if(countIf(marked_by != 'hours') = 0, never, minIf(from_window, marked_by != 'hours')) AS from_marked,
        if(countIf(marked_by IN ('all', 'all next', 'open')) = 0, never, minIf(from_window, marked_by IN ('all', 'all next', 'open'))) AS from_all,
        if(countIf(marked_by = 'hours') = 0, never, minIf(from_window, marked_by = 'hours')) AS from_hours
    FROM ${database}.firn_rollup_marks FINAL
) AS m

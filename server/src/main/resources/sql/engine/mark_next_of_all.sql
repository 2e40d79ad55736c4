-- Marks for all series the next windows in which a series has a row after those computed: its increase starts from them. Parameters: ${database}; ${kind}; ${keys}, condition on (metric_id, series_id); ${from}, ${to}, the windows computed, seconds since 1970; ${version}.
INSERT INTO ${database}.firn_rollup_marks (kind, day, metric_id, series_id, from_window, to_window, marked_by, version, deleted)
SELECT '${kind}', toDate(next), 0, 0, next, next + 300, 'all next', ${version}, 0
FROM
(
    SELECT DISTINCT min(time) AS next
    FROM ${database}.rollup_5m FINAL
    WHERE ${keys} AND time >= toDateTime(${to}, 'UTC')
        AND (metric_id, series_id) IN
        (
            SELECT metric_id, series_id FROM ${database}.rollup_5m
            WHERE time >= toDateTime(${from}, 'UTC') AND time < toDateTime(${to}, 'UTC')
        )
    GROUP BY metric_id, series_id
)
SETTINGS max_threads = 1, async_insert = 0

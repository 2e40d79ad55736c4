-- Counters that began anew more often than processes do, by the most of one series in an hour (resets); and that fell though their start time stayed the same (counter_drop), in the newest windows. Parameters: {from}, {to}, seconds.
SELECT
    tupleElement(finding, 1) AS check, plane, env, service, metric,
    tupleElement(finding, 2) AS observed, 0. AS expected, series, points, '' AS evidence
FROM
(
    SELECT
        l.data_plane_id AS plane, l.environment AS env, l.service_name AS service, l.otel_name AS metric,
        max(r.resets - r.falls) AS most, sum(r.drops) AS drops, count() AS series, sum(r.points) AS points
    FROM
    (
        SELECT
            metric_id, series_id, sum(w.resets) AS resets, sumIf(w.resets, first_start != 0 AND first_start = last_start AND first_start = start_before) AS falls, sum(w.count) AS points,
            sumIf(w.resets, time >= toDateTime({from:UInt32}, 'UTC') AND first_start != 0 AND first_start = last_start AND first_start = start_before) AS drops
        FROM
        (
            SELECT
                metric_id, series_id, time, resets, count, first_start, last_start,
                lagInFrame(last_start) OVER (PARTITION BY metric_id, series_id ORDER BY time ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS start_before
            FROM rollup_5m_now
            WHERE time >= toDateTime({to:UInt32} - 3900, 'UTC') AND time < toDateTime({to:UInt32}, 'UTC')
        ) AS w
        GROUP BY metric_id, series_id
        HAVING sum(w.resets) > 0
    ) AS r
    INNER JOIN series_labels AS l ON r.metric_id = l.metric_id AND r.series_id = l.series_id
    GROUP BY plane, env, service, metric
)
ARRAY JOIN arrayFilter(one -> one.2 > 0, [('resets', toFloat64(most)), ('counter_drop', toFloat64(drops))]) AS finding

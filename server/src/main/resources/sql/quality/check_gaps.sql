-- Points that series left out by their own cadence, of series that went on after it: in whole windows, or in a window by two or more. Series that begin or end there leave out nothing. Parameters: {from}, {to}, seconds.
SELECT
    'gaps' AS check,
    l.data_plane_id AS plane, l.environment AS env, l.service_name AS service, l.otel_name AS metric,
    sum(r.missing) / sum(r.due) AS observed, 0. AS expected, countIf(r.missing > 0) AS series, toUInt64(round(sum(r.missing))) AS points, '' AS evidence
FROM
(
    SELECT
        metric_id, series_id,
        sum(if(after > time + 300 AND after - time > 1.5 * pace AND in_range, (after - time - pace) / pace * usual, 0)
            + if(usual - n >= 2 AND before = time - 300 AND after = time + 300 AND in_range, usual - n, 0)) AS missing,
        sum(if(in_range, usual * greatest(1, (after - time) / pace), 0)) AS due
    FROM
    (
        SELECT
            *, after > {from:UInt32} AND time < {to:UInt32} - 300 AND after != 0 AND after <= {to:UInt32} AS in_range,
            median(n) OVER whole AS usual,
            greatest(300, medianIf(after - time, after != 0) OVER whole) AS pace
        FROM
        (
            SELECT
                metric_id, series_id, toInt64(toUnixTimestamp(r.time)) AS time, count + nan_count AS n,
                lagInFrame(toInt64(toUnixTimestamp(r.time))) OVER near AS before,
                leadInFrame(toInt64(toUnixTimestamp(r.time))) OVER near AS after
            FROM rollup_5m_now AS r
            WHERE r.time >= toDateTime({to:UInt32} - 21600, 'UTC') AND r.time < toDateTime({to:UInt32}, 'UTC') AND count + nan_count > 0
            WINDOW near AS (PARTITION BY metric_id, series_id ORDER BY r.time ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING)
        )
        WINDOW whole AS (PARTITION BY metric_id, series_id)
    )
    GROUP BY metric_id, series_id
    HAVING due > 0
) AS r
INNER JOIN series_labels AS l ON r.metric_id = l.metric_id AND r.series_id = l.series_id
GROUP BY plane, env, service, metric
HAVING sum(r.missing) > 0

-- Points, measurements and sum of finite values by metric and hour, each (series, time, start) once, the highest (src, seq) winning; stale markers add nothing to sums. Parameters: ${database}, ${table}, ${measured} and ${added} (columns), ${positions} (condition on src and seq), ${from}, ${to} (hours since 1970).
SELECT metric_name, hour, count() AS points, sum(measured) AS measurements, sumKahan(added) AS total
FROM
(
    SELECT
        metric_id,
        series_id,
        intDiv(toUnixTimestamp(time), 3600) AS hour,
        argMax((flags, ${measured}, ${added}), (src, seq)) AS won,
        bitAnd(won.1, 1) = 1 AS stale,
        if(stale, 0, won.2) AS measured,
        if(stale OR NOT isFinite(won.3), 0, won.3) AS added
    FROM ${database}.${table}
    WHERE time >= fromUnixTimestamp(${from} * 3600) AND time < fromUnixTimestamp(${to} * 3600) AND (${positions})
    GROUP BY metric_id, series_id, time, start_time
) AS points
INNER JOIN
(
    SELECT series_id, any(metric_name) AS metric_name FROM ${database}.series GROUP BY series_id
) AS names USING (series_id)
GROUP BY metric_name, hour
SETTINGS optimize_aggregation_in_order = 1

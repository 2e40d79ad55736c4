-- Points of the last whole hour of each source (observed) and the median of the same hour of the four weeks before (expected), where one is known. Parameters: {hour}, its start, seconds.
SELECT
    'volume' AS check, plane, env, service, '' AS metric,
    toFloat64(sumIf(n, hour = {hour:UInt32})) AS observed,
    quantileExactIf(0.5)(toFloat64(n), hour != {hour:UInt32}) AS expected,
    max(series) AS series, toUInt64(observed) AS points, '' AS evidence
FROM
(
    SELECT
        l.data_plane_id AS plane, l.environment AS env, l.service_name AS service,
        toUnixTimestamp(r.time) AS hour, sum(r.count + r.nan_count) AS n, count() AS series
    FROM rollup_1h_now AS r
    INNER JOIN series_labels AS l ON r.metric_id = l.metric_id AND r.series_id = l.series_id
    WHERE r.time IN (SELECT arrayJoin(arrayMap(week -> toDateTime({hour:UInt32} - week * 604800, 'UTC'), range(5))))
    GROUP BY plane, env, service, hour
)
GROUP BY plane, env, service
HAVING countIf(hour != {hour:UInt32}) > 0

-- Of windows of 5 minutes of some series: points stored twice, with equal and with different values. Parameters: {suspects}, the series; {from}, {to}, seconds.
SELECT
    tupleElement(finding, 1) AS check, plane, env, service, metric,
    tupleElement(finding, 2) AS observed, 0. AS expected, series, points, '' AS evidence
FROM
(
    SELECT
        l.data_plane_id AS plane, l.environment AS env, l.service_name AS service, l.otel_name AS metric,
        sum(r.duplicates) AS duplicates, sum(r.conflicts) AS conflicts,
        sum(r.count + r.nan_count) AS points, uniqExact(r.metric_id, r.series_id) AS series
    FROM rollup_5m_now AS r
    INNER JOIN series_labels AS l ON r.metric_id = l.metric_id AND r.series_id = l.series_id
    WHERE (r.metric_id, r.series_id) IN (SELECT one.1, one.2 FROM (SELECT arrayJoin({suspects:Array(Tuple(UInt32, Int64))}) AS one))
        AND r.time >= toDateTime({from:UInt32}, 'UTC') AND r.time < toDateTime({to:UInt32}, 'UTC')
    GROUP BY plane, env, service, metric
    HAVING duplicates + conflicts > 0
)
ARRAY JOIN arrayFilter(
    one -> one.2 > 0,
    [('duplicates', toFloat64(if(duplicates > conflicts, duplicates - conflicts, 0))), ('conflicts', toFloat64(conflicts))]) AS finding

-- Of windows of 5 minutes: points stored twice, with equal and with different values; shares of NaN; infinite values. Parameters: {from}, {to}, seconds.
SELECT
    tupleElement(finding, 1) AS check, plane, env, service, metric,
    tupleElement(finding, 2) AS observed, tupleElement(finding, 3) AS expected, series, points, '' AS evidence
FROM
(
    SELECT
        l.data_plane_id AS plane, l.environment AS env, l.service_name AS service, l.otel_name AS metric,
        sum(r.duplicates) AS duplicates, sum(r.conflicts) AS conflicts, sum(r.nan_count) AS nans,
        countIf(l.metric_type IN ('gauge', 'sum') AND (isInfinite(r.min) OR isInfinite(r.max))) AS infinite,
        sum(r.count + r.nan_count) AS points, uniqExact(r.metric_id, r.series_id) AS series
    FROM rollup_5m_now AS r
    INNER JOIN series_labels AS l ON r.metric_id = l.metric_id AND r.series_id = l.series_id
    WHERE r.time >= toDateTime({from:UInt32}, 'UTC') AND r.time < toDateTime({to:UInt32}, 'UTC')
    GROUP BY plane, env, service, metric
    HAVING duplicates + conflicts + nans + infinite > 0
)
ARRAY JOIN arrayFilter(
    one -> one.2 > 0,
    [('duplicates', toFloat64(if(duplicates > conflicts, duplicates - conflicts, 0)), 0.), ('conflicts', toFloat64(conflicts), 0.),
        ('nan', nans / greatest(points, 1), 0.), ('infinite', toFloat64(infinite), 0.)]) AS finding

-- New series of the last hour of each metric and source (observed) beside those that were active in the hour before (expected), where the source is older than that; evidence: the attribute with most values among the new ones that the old ones do not have. Parameters: {to}, seconds.
WITH
    seen AS
    (
        SELECT
            metric_id, series_id,
            min(time) >= toDateTime({to:UInt32} - 3600, 'UTC') AS is_new,
            max(time >= toDateTime({to:UInt32} - 7200, 'UTC') AND time < toDateTime({to:UInt32} - 3600, 'UTC')) AS was_active
        FROM rollup_5m_now
        WHERE time >= toDateTime({to:UInt32} - 90000, 'UTC') AND time < toDateTime({to:UInt32}, 'UTC')
        GROUP BY metric_id, series_id
    ),
    grown AS
    (
        SELECT l.data_plane_id AS plane, l.environment AS env, l.service_name AS service, l.otel_name AS metric,
            countIf(r.is_new) AS observed, countIf(r.was_active) AS expected, groupArrayIf(100000)((r.metric_id, r.series_id), r.is_new) AS news
        FROM seen AS r
        INNER JOIN series_labels AS l ON r.metric_id = l.metric_id AND r.series_id = l.series_id
        GROUP BY plane, env, service, metric
        HAVING observed >= {least:UInt64} AND expected > 0 AND observed > expected
    )
SELECT
    'cardinality' AS check, g.plane AS plane, g.env AS env, g.service AS service, g.metric AS metric,
    toFloat64(any(g.observed)) AS observed, toFloat64(any(g.expected)) AS expected, any(g.observed) AS series, any(g.observed) AS points,
    argMax(a.name, a.values) AS evidence
FROM grown AS g
INNER JOIN
(
    SELECT plane, env, service, metric, name, uniqExact(value) AS values
    FROM
    (
        SELECT
            plane, env, service, metric,
            tupleElement(attribute, 1) AS name, tupleElement(attribute, 2) AS value
        FROM
        (
            SELECT g.plane AS plane, g.env AS env, g.service AS service, g.metric AS metric, one
            FROM grown AS g ARRAY JOIN g.news AS one
        ) AS n
        INNER JOIN series AS s ON s.metric_id = n.one.1 AND s.series_id = n.one.2
        ARRAY JOIN CAST(mapUpdate(s.resource_map, s.attributes_map), 'Array(Tuple(String, String))') AS attribute
    )
    GROUP BY plane, env, service, metric, name
) AS a ON a.plane = g.plane AND a.env = g.env AND a.service = g.service AND a.metric = g.metric
GROUP BY plane, env, service, metric

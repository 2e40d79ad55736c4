-- metrics_local_v2 from before the border, of the lake's files that reach behind it; a row a stored point. Of distributions the point before is looked for in the lake, too: its labels are in the window's partition so that conditions on them reach the files. Parameters: ${database}; ${lake}; ${metric_names}, 00_metric_names of the lake's series; ${border}; ${source}, condition on src; ${unit}, nanoseconds that the engine's time counts.
CREATE OR REPLACE VIEW ${database}.metrics_local_cold AS
SELECT
    toDateTime64(p.time, 3, 'UTC') AS timestamp,
    n.metric_name AS metric_name,
    if(bitAnd(p.flags, 1) != 0, nan, coalesce(p.value, toFloat64(p.value_int), nan)) AS metric_value,
    p.metric_type AS metric_type,
    p.http_method AS http_method,
    p.http_route AS http_route,
    p.http_status_code AS http_status_code,
    p.environment AS environment,
    p.data_plane_id AS data_plane_id,
    p.service_name AS service_name,
    p.cluster_id AS cluster_id,
    p.region AS region,
    toDate(timestamp) AS date,
    toHour(timestamp) AS hour
FROM ${lake}.cold AS p
INNER JOIN (${metric_names}) AS n
    ON p.metric_name = n.name AND p.metric_type = n.type AND p.unit = n.unit AND ifNull(p.is_monotonic, 0) = n.monotonic
WHERE p.time < ${border} AND p.metric_type IN ('gauge', 'sum') AND ${source}
UNION ALL
SELECT
    d.timestamp AS timestamp,
    n.metric_name AS metric_name,
    multiIf(
        bitAnd(d.flags, 1) != 0, nan,
        d.temporality = 'delta', d.sum / d.count,
        d.unknown_start, nan,
        NOT d.has_before, if(d.start != 0, d.sum / d.count, nan),
        d.start > d.before.1 OR d.count < d.before.2, d.sum / d.count,
        (d.sum - d.before.3) / (d.count - d.before.2)) / n.divisor * n.multiplier AS metric_value,
    d.metric_type AS metric_type,
    d.http_method AS http_method,
    d.http_route AS http_route,
    d.http_status_code AS http_status_code,
    d.environment AS environment,
    d.data_plane_id AS data_plane_id,
    d.service_name AS service_name,
    d.cluster_id AS cluster_id,
    d.region AS region,
    toDate(d.timestamp) AS date,
    toHour(d.timestamp) AS hour
FROM
(
    SELECT
        *,
        argMaxIf((q.start, q.count, q.sum), (q.at, q.start, q.src, q.seq), bitAnd(q.flags, 1) = 0) OVER earlier AS before,
        countIf(bitAnd(q.flags, 1) = 0) OVER earlier > 0 AS has_before
    FROM
    (
        SELECT
            toDateTime64(p.time, 3, 'UTC') AS timestamp,
            intDiv(toUnixTimestamp64Micro(p.time) * 1000 + p.time_nanos, ${unit}) AS at,
            intDiv(ifNull(toUnixTimestamp64Micro(p.start_time) * 1000 + p.start_time_nanos, 0), ${unit}) AS start,
            p.start_time = p.time AND p.start_time_nanos = p.time_nanos AS unknown_start,
            reinterpretAsUInt64(assumeNotNull(p.count)) AS count,
            ifNull(p.sum, 0.) AS sum,
            p.series_id AS series_id, p.metric_name AS name, p.metric_type AS metric_type, p.unit AS unit, p.temporality AS temporality,
            p.http_method AS http_method, p.http_route AS http_route, p.http_status_code AS http_status_code,
            p.environment AS environment, p.data_plane_id AS data_plane_id, p.service_name AS service_name,
            p.cluster_id AS cluster_id, p.region AS region,
            p.flags AS flags, p.src AS src, p.seq AS seq
        FROM ${lake}.cold_distributions AS p
        WHERE p.time < ${border} AND p.metric_type NOT IN ('gauge', 'sum') AND ${source}
    ) AS q
    WINDOW earlier AS (
        PARTITION BY
            q.series_id, q.name, q.metric_type, q.unit, q.temporality, q.http_method, q.http_route, q.http_status_code,
            q.environment, q.data_plane_id, q.service_name, q.cluster_id, q.region
        ORDER BY q.at RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
) AS d
INNER JOIN (${metric_names}) AS n ON d.name = n.name AND d.metric_type = n.type AND d.unit = n.unit AND n.monotonic = 0

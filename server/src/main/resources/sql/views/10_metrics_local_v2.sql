-- The seed's table of points as a view: one row a stored point, duplicates too. metric_value: the value, or of a histogram's or summary's point the mean of what came since the point before, in the base unit (seconds for durations); NaN where nothing came or is known. Parameters: ${database}; ${hot}, condition on d.timestamp for what the engine has in full; ${cold}, what else there is.
CREATE OR REPLACE VIEW ${database}.metrics_local_v2 AS
SELECT
    d.timestamp AS timestamp,
    l.metric_name AS metric_name,
    d.metric_value AS metric_value,
    l.metric_type AS metric_type,
    l.http_method AS http_method,
    l.http_route AS http_route,
    l.http_status_code AS http_status_code,
    l.environment AS environment,
    l.data_plane_id AS data_plane_id,
    l.service_name AS service_name,
    l.cluster_id AS cluster_id,
    l.region AS region,
    toDate(d.timestamp) AS date,
    toHour(d.timestamp) AS hour
FROM
(
    SELECT
        toDateTime64(p.time, 3, 'UTC') AS timestamp,
        p.metric_id AS metric_id,
        p.series_id AS series_id,
        if(bitAnd(p.flags, 1) != 0, nan, p.value) AS metric_value
    FROM ${database}.samples AS p
) AS d
LEFT ANY JOIN ${database}.series_labels AS l ON d.metric_id = l.metric_id AND d.series_id = l.series_id
WHERE ${hot}
UNION ALL
SELECT
    d.timestamp AS timestamp,
    l.metric_name AS metric_name,
    multiIf(
        bitAnd(d.flags, 1) != 0, nan,
        l.temporality = 'delta', d.sum / d.count,
        bitAnd(d.flags, 67108864) != 0, nan,
        NOT d.has_before, if(toUnixTimestamp(d.start_time) > 0, d.sum / d.count, nan),
        d.start_time > d.before.1 OR d.count < d.before.2, d.sum / d.count,
        (d.sum - d.before.3) / (d.count - d.before.2)) / l.divisor * l.multiplier AS metric_value,
    l.metric_type AS metric_type,
    l.http_method AS http_method,
    l.http_route AS http_route,
    l.http_status_code AS http_status_code,
    l.environment AS environment,
    l.data_plane_id AS data_plane_id,
    l.service_name AS service_name,
    l.cluster_id AS cluster_id,
    l.region AS region,
    toDate(d.timestamp) AS date,
    toHour(d.timestamp) AS hour
FROM
(
    SELECT
        toDateTime64(p.time, 3, 'UTC') AS timestamp,
        p.metric_id AS metric_id,
        p.series_id AS series_id,
        p.count AS count,
        p.sum AS sum,
        p.start_time AS start_time,
        p.flags AS flags,
        argMaxIf((p.start_time, p.count, p.sum), (p.time, p.start_time, p.src, p.seq), bitAnd(p.flags, 1) = 0) OVER earlier AS before,
        countIf(bitAnd(p.flags, 1) = 0) OVER earlier > 0 AS has_before
    FROM ${database}.histograms AS p
    WINDOW earlier AS (PARTITION BY p.metric_id, p.series_id ORDER BY toUnixTimestamp64Nano(p.time) RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
) AS d
LEFT ANY JOIN ${database}.series_labels AS l ON d.metric_id = l.metric_id AND d.series_id = l.series_id
WHERE ${hot}
UNION ALL
SELECT
    d.timestamp AS timestamp,
    l.metric_name AS metric_name,
    multiIf(
        bitAnd(d.flags, 1) != 0, nan,
        l.temporality = 'delta', d.sum / d.count,
        bitAnd(d.flags, 67108864) != 0, nan,
        NOT d.has_before, if(toUnixTimestamp(d.start_time) > 0, d.sum / d.count, nan),
        d.start_time > d.before.1 OR d.count < d.before.2, d.sum / d.count,
        (d.sum - d.before.3) / (d.count - d.before.2)) / l.divisor * l.multiplier AS metric_value,
    l.metric_type AS metric_type,
    l.http_method AS http_method,
    l.http_route AS http_route,
    l.http_status_code AS http_status_code,
    l.environment AS environment,
    l.data_plane_id AS data_plane_id,
    l.service_name AS service_name,
    l.cluster_id AS cluster_id,
    l.region AS region,
    toDate(d.timestamp) AS date,
    toHour(d.timestamp) AS hour
FROM
(
    SELECT
        toDateTime64(p.time, 3, 'UTC') AS timestamp,
        p.metric_id AS metric_id,
        p.series_id AS series_id,
        p.count AS count,
        p.sum AS sum,
        p.start_time AS start_time,
        p.flags AS flags,
        argMaxIf((p.start_time, p.count, p.sum), (p.time, p.start_time, p.src, p.seq), bitAnd(p.flags, 1) = 0) OVER earlier AS before,
        countIf(bitAnd(p.flags, 1) = 0) OVER earlier > 0 AS has_before
    FROM ${database}.exponential_histograms AS p
    WINDOW earlier AS (PARTITION BY p.metric_id, p.series_id ORDER BY toUnixTimestamp64Nano(p.time) RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
) AS d
LEFT ANY JOIN ${database}.series_labels AS l ON d.metric_id = l.metric_id AND d.series_id = l.series_id
WHERE ${hot}
UNION ALL
SELECT
    d.timestamp AS timestamp,
    l.metric_name AS metric_name,
    multiIf(
        bitAnd(d.flags, 1) != 0, nan,
        l.temporality = 'delta', d.sum / d.count,
        bitAnd(d.flags, 67108864) != 0, nan,
        NOT d.has_before, if(toUnixTimestamp(d.start_time) > 0, d.sum / d.count, nan),
        d.start_time > d.before.1 OR d.count < d.before.2, d.sum / d.count,
        (d.sum - d.before.3) / (d.count - d.before.2)) / l.divisor * l.multiplier AS metric_value,
    l.metric_type AS metric_type,
    l.http_method AS http_method,
    l.http_route AS http_route,
    l.http_status_code AS http_status_code,
    l.environment AS environment,
    l.data_plane_id AS data_plane_id,
    l.service_name AS service_name,
    l.cluster_id AS cluster_id,
    l.region AS region,
    toDate(d.timestamp) AS date,
    toHour(d.timestamp) AS hour
FROM
(
    SELECT
        toDateTime64(p.time, 3, 'UTC') AS timestamp,
        p.metric_id AS metric_id,
        p.series_id AS series_id,
        p.count AS count,
        p.sum AS sum,
        p.start_time AS start_time,
        p.flags AS flags,
        argMaxIf((p.start_time, p.count, p.sum), (p.time, p.start_time, p.src, p.seq), bitAnd(p.flags, 1) = 0) OVER earlier AS before,
        countIf(bitAnd(p.flags, 1) = 0) OVER earlier > 0 AS has_before
    FROM ${database}.summaries AS p
    WINDOW earlier AS (PARTITION BY p.metric_id, p.series_id ORDER BY toUnixTimestamp64Nano(p.time) RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
) AS d
LEFT ANY JOIN ${database}.series_labels AS l ON d.metric_id = l.metric_id AND d.series_id = l.series_id
WHERE ${hot}
${cold}

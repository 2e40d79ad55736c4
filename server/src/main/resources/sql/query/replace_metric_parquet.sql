-- The seed's Parquet columns over the lake's points; docs/operate/lake.md has the same for other readers. Parameters: ${database}, ${lake}.
CREATE OR REPLACE VIEW ${database}.metric_parquet AS
SELECT
    time AS timestamp,
    if(
        p.metric_name IN ('http.server.request.duration', 'http.server.duration'),
        'http_server_duration',
        replaceRegexpAll(p.metric_name, '[^a-zA-Z0-9_:]', '_')) AS metric_name,
    if(
        p.count IS NULL,
        coalesce(p.value, toFloat64(p.value_int)),
        p.sum / nullIf(p.count, 0)
            * transform(p.unit, ['ns', 'us', 'ms', 'min', 'h', 'd'], [1e-9, 1e-6, 1e-3, 60., 3600., 86400.], 1.)) AS metric_value,
    p.metric_type AS metric_type,
    p.http_method AS http_method,
    p.http_route AS http_route,
    p.http_status_code AS http_status_code,
    p.environment AS environment,
    p.data_plane_id AS data_plane_id,
    p.service_name AS service_name,
    p.cluster_id AS cluster_id,
    p.region AS region,
    toInt32(toYear(p.time)) AS year,
    toInt32(toMonth(p.time)) AS month,
    toInt32(toDayOfMonth(p.time)) AS day,
    toInt32(toHour(p.time)) AS hour
FROM ${lake}.points AS p

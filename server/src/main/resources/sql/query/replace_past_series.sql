-- Series of requests as the engine's table has them, of the lake's. Parameters: ${database}; ${lake}; ${names}, a tuple of metric names.
CREATE OR REPLACE VIEW ${database}.series AS
SELECT
    toUInt32(metric_id) AS metric_id,
    series_id,
    metric_name,
    metric_type AS type,
    unit,
    temporality,
    toUInt8(ifNull(is_monotonic, false)) AS monotonic,
    service_name,
    environment,
    data_plane_id,
    cluster_id,
    region,
    http_method,
    http_route,
    http_status_code
FROM ${lake}.lake_series
WHERE metric_name IN ${names}

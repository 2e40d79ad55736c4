-- Names and labels of each series as the views show them: the name in Prometheus' form (unit and type as words), both HTTP conventions as http_server_duration; a duration's value / divisor * multiplier is in seconds, of others both are 1. Division, because sums of milliseconds / 1000 are exact. Names are made once a metric, not once a series. Parameters: ${database}; ${metric_names}, 00_metric_names of table series.
CREATE OR REPLACE VIEW ${database}.series_labels AS
SELECT
    s.metric_id AS metric_id,
    s.series_id AS series_id,
    n.metric_name AS metric_name,
    n.name AS otel_name,
    n.type AS metric_type,
    n.unit AS unit,
    CAST(s.temporality, 'String') AS temporality,
    n.monotonic AS monotonic,
    CAST(s.http_method, 'String') AS http_method,
    CAST(s.http_route, 'String') AS http_route,
    CAST(s.http_status_code, 'String') AS http_status_code,
    CAST(s.environment, 'String') AS environment,
    CAST(s.data_plane_id, 'String') AS data_plane_id,
    CAST(s.service_name, 'String') AS service_name,
    CAST(s.cluster_id, 'String') AS cluster_id,
    CAST(s.region, 'String') AS region,
    n.is_duration AS is_duration,
    n.divisor AS divisor,
    n.multiplier AS multiplier
FROM (SELECT * FROM ${database}.series FINAL) AS s
INNER JOIN
(${metric_names}) AS n ON s.metric_id = n.metric_id AND s.metric_name = n.name AND s.type = n.type AND s.unit = n.unit AND s.monotonic = n.monotonic

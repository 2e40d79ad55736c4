-- Durations of each hour by the labels that the seed's tables and views ask for, in seconds: every duration histogram, summaries too. Parameters: ${database}.
CREATE OR REPLACE VIEW ${database}.duration_hours AS
SELECT
    h.start AS start,
    l.environment AS environment,
    l.data_plane_id AS data_plane_id,
    l.service_name AS service_name,
    l.metric_name AS metric_name,
    l.http_route AS http_route,
    l.http_status_code AS http_status_code,
    sum(h.events) AS request_count,
    sum(h.total) AS total_duration,
    min(h.least) AS min_duration,
    max(h.greatest) AS max_duration,
    quantilesExactWeightedArrayMergeState(0.5, 0.95, 0.99)(h.spread) AS duration_quantiles,
    sum(h.spread_events) AS quantile_events
FROM ${database}.distribution_hours AS h
INNER JOIN ${database}.series_labels AS l ON h.metric_id = l.metric_id AND h.series_id = l.series_id
WHERE l.is_duration
GROUP BY start, environment, data_plane_id, service_name, metric_name, http_route, http_status_code

-- The seed's hourly table as a view, for every duration histogram: requests of each hour (of the later of two points), 5xx among them, seconds. quantile_events: those that came with buckets; quantilesExactWeightedArrayMerge(0.5, 0.95, 0.99)(duration_quantiles) gives the quantiles. Parameters: ${database}; ${merged}, 21_merged_distributions of hours.
CREATE OR REPLACE VIEW ${database}.metrics_hourly_v2 AS
SELECT
    toDate(h.start) AS date,
    toHour(h.start) AS hour,
    h.environment AS environment,
    h.data_plane_id AS data_plane_id,
    h.metric_name AS metric_name,
    h.http_route AS http_route,
    h.http_status_code AS http_status_code,
    h.events AS request_count,
    h.errors AS error_count,
    h.total AS total_duration,
    h.least AS min_duration,
    h.greatest AS max_duration,
    h.spread AS duration_quantiles,
    h.spread_events AS quantile_events
FROM (${merged}) AS h

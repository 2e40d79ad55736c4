-- The seed's view for dashboards: each hour by environment, plane, metric and route; error_rate in percent of requests, durations in seconds, quantiles NaN without buckets. Parameters: ${database}; ${merged}, 21_merged_distributions of hours.
CREATE OR REPLACE VIEW ${database}.v_dashboard_hourly AS
SELECT
    h.start AS timestamp,
    h.environment AS environment,
    h.data_plane_id AS data_plane_id,
    h.metric_name AS metric_name,
    h.http_route AS http_route,
    h.events AS request_count,
    h.errors AS error_count,
    h.errors / h.events * 100 AS error_rate,
    h.total / h.events AS avg_duration,
    h.quantiles[1] AS p50_duration,
    h.quantiles[2] AS p95_duration,
    h.quantiles[3] AS p99_duration,
    h.services AS service_name,
    h.status_2xx AS status_2xx,
    h.status_3xx AS status_3xx,
    h.client_errors AS client_errors,
    h.least AS min_duration,
    h.greatest AS max_duration
FROM (${merged}) AS h

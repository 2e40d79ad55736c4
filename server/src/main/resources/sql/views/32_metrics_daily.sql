-- As metrics_hourly_v2, by day. Parameters: ${database}.
CREATE OR REPLACE VIEW ${database}.metrics_daily AS
SELECT
    toDate(start) AS date,
    environment,
    data_plane_id,
    metric_name,
    http_route,
    http_status_code,
    sum(h.request_count) AS request_count,
    sumIf(h.request_count, match(h.http_status_code, '^5[0-9][0-9]$')) AS error_count,
    sum(h.total_duration) AS total_duration,
    min(h.min_duration) AS min_duration,
    max(h.max_duration) AS max_duration,
    quantilesExactWeightedArrayMergeState(0.5, 0.95, 0.99)(h.duration_quantiles) AS duration_quantiles,
    sum(h.quantile_events) AS quantile_events
FROM ${database}.duration_hours AS h
GROUP BY date, environment, data_plane_id, metric_name, http_route, http_status_code

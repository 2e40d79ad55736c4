-- The seed's view of days: HTTP requests of each day by environment and plane; error_rate in percent of requests, durations in seconds. Parameters: ${database}.
CREATE OR REPLACE VIEW ${database}.v_daily_summary AS
SELECT
    toDate(start) AS date,
    environment,
    data_plane_id,
    sum(h.request_count) AS total_requests,
    sumIf(h.request_count, match(h.http_status_code, '^5[0-9][0-9]$')) AS total_errors,
    total_errors / total_requests * 100 AS error_rate,
    sum(h.total_duration) / total_requests AS avg_duration,
    max(h.max_duration) AS max_duration,
    if(sum(h.quantile_events) = 0, nan, quantilesExactWeightedArrayMerge(0.5, 0.95, 0.99)(h.duration_quantiles)[1]) AS p50_duration,
    if(sum(h.quantile_events) = 0, nan, quantilesExactWeightedArrayMerge(0.5, 0.95, 0.99)(h.duration_quantiles)[2]) AS p95_duration,
    if(sum(h.quantile_events) = 0, nan, quantilesExactWeightedArrayMerge(0.5, 0.95, 0.99)(h.duration_quantiles)[3]) AS p99_duration,
    sumIf(h.request_count, match(h.http_status_code, '^2[0-9][0-9]$')) AS status_2xx,
    sumIf(h.request_count, match(h.http_status_code, '^3[0-9][0-9]$')) AS status_3xx,
    sumIf(h.request_count, match(h.http_status_code, '^4[0-9][0-9]$')) AS client_errors
FROM ${database}.duration_hours AS h
WHERE metric_name = 'http_server_duration'
GROUP BY date, environment, data_plane_id

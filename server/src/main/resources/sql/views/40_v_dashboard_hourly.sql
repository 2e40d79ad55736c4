-- The seed's view for dashboards: each hour by environment, plane, metric and route; error_rate in percent of requests, durations in seconds, quantiles NaN without buckets. Parameters: ${database}.
CREATE OR REPLACE VIEW ${database}.v_dashboard_hourly AS
SELECT
    start AS timestamp,
    environment,
    data_plane_id,
    metric_name,
    http_route,
    sum(h.request_count) AS request_count,
    sumIf(h.request_count, match(h.http_status_code, '^5[0-9][0-9]$')) AS error_count,
    error_count / request_count * 100 AS error_rate,
    sum(h.total_duration) / request_count AS avg_duration,
    if(sum(h.quantile_events) = 0, nan, quantilesExactWeightedArrayMerge(0.5, 0.95, 0.99)(h.duration_quantiles)[1]) AS p50_duration,
    if(sum(h.quantile_events) = 0, nan, quantilesExactWeightedArrayMerge(0.5, 0.95, 0.99)(h.duration_quantiles)[2]) AS p95_duration,
    if(sum(h.quantile_events) = 0, nan, quantilesExactWeightedArrayMerge(0.5, 0.95, 0.99)(h.duration_quantiles)[3]) AS p99_duration,
    arrayStringConcat(arraySort(groupUniqArray(h.service_name)), ',') AS service_name,
    sumIf(h.request_count, match(h.http_status_code, '^2[0-9][0-9]$')) AS status_2xx,
    sumIf(h.request_count, match(h.http_status_code, '^3[0-9][0-9]$')) AS status_3xx,
    sumIf(h.request_count, match(h.http_status_code, '^4[0-9][0-9]$')) AS client_errors,
    min(h.min_duration) AS min_duration,
    max(h.max_duration) AS max_duration
FROM ${database}.duration_hours AS h
GROUP BY timestamp, environment, data_plane_id, metric_name, http_route

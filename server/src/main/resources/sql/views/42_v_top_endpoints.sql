-- The seed's view of the 20 endpoints with most HTTP requests of today and the seven days before; durations in seconds. Parameters: ${database}.
CREATE OR REPLACE VIEW ${database}.v_top_endpoints AS
SELECT
    environment,
    http_route,
    sum(h.request_count) AS total_requests,
    sum(h.total_duration) / total_requests AS avg_duration,
    if(sum(h.quantile_events) = 0, nan, quantilesExactWeightedArrayMerge(0.5, 0.95, 0.99)(h.duration_quantiles)[2]) AS p95_duration,
    arrayStringConcat(arraySort(groupUniqArray(h.service_name)), ',') AS service_name,
    sumIf(h.request_count, match(h.http_status_code, '^5[0-9][0-9]$')) AS total_errors,
    total_errors / total_requests * 100 AS error_rate,
    sumIf(h.request_count, match(h.http_status_code, '^2[0-9][0-9]$')) AS status_2xx,
    sumIf(h.request_count, match(h.http_status_code, '^3[0-9][0-9]$')) AS status_3xx,
    sumIf(h.request_count, match(h.http_status_code, '^4[0-9][0-9]$')) AS client_errors
FROM ${database}.duration_hours AS h
WHERE metric_name = 'http_server_duration' AND toDate(start) >= today() - INTERVAL 7 DAY
GROUP BY environment, http_route
ORDER BY total_requests DESC, environment, http_route
LIMIT 20

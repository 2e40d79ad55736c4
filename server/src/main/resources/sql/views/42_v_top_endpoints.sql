-- The seed's view of the 20 endpoints with most HTTP requests of today and the seven days before; durations in seconds. Parameters: ${database}; ${merged}, 21_merged_distributions of these days.
CREATE OR REPLACE VIEW ${database}.v_top_endpoints AS
SELECT
    h.environment AS environment,
    h.http_route AS http_route,
    h.events AS total_requests,
    h.total / h.events AS avg_duration,
    h.quantiles[2] AS p95_duration,
    h.services AS service_name,
    h.errors AS total_errors,
    h.errors / h.events * 100 AS error_rate,
    h.status_2xx AS status_2xx,
    h.status_3xx AS status_3xx,
    h.client_errors AS client_errors
FROM (${merged}) AS h
ORDER BY total_requests DESC, environment, http_route
LIMIT 20

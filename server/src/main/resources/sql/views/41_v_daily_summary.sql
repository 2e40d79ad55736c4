-- The seed's view of days: HTTP requests of each day by environment and plane; error_rate in percent of requests, durations in seconds. Parameters: ${database}; ${merged}, 21_merged_distributions of days.
CREATE OR REPLACE VIEW ${database}.v_daily_summary AS
SELECT
    toDate(h.start) AS date,
    h.environment AS environment,
    h.data_plane_id AS data_plane_id,
    h.events AS total_requests,
    h.errors AS total_errors,
    h.errors / h.events * 100 AS error_rate,
    h.total / h.events AS avg_duration,
    h.greatest AS max_duration,
    h.quantiles[1] AS p50_duration,
    h.quantiles[2] AS p95_duration,
    h.quantiles[3] AS p99_duration,
    h.status_2xx AS status_2xx,
    h.status_3xx AS status_3xx,
    h.client_errors AS client_errors
FROM (${merged}) AS h

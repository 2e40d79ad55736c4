-- The seed's projection endpoint_analysis. Parameters: ${database}; ${table}.
ALTER TABLE ${database}.${table} ADD PROJECTION endpoint_analysis
(
    SELECT date, environment, http_route, count() AS request_count,
        quantile(0.5)(metric_value) AS p50, quantile(0.95)(metric_value) AS p95, quantile(0.99)(metric_value) AS p99
    GROUP BY date, environment, http_route
)

-- The seed's projection time_series. Parameters: ${database}; ${table}.
ALTER TABLE ${database}.${table} ADD PROJECTION time_series
(
    SELECT toStartOfHour(timestamp) AS hour, environment, metric_name, count() AS count, avg(metric_value) AS avg_value,
        quantile(0.95)(metric_value) AS p95
    GROUP BY hour, environment, metric_name
)

-- How past daily forecasts of requests did: for each environment, service and number of days ahead their mean absolute error in percent of what came, and how much of it their intervals covered. Parameters: ${database}.
CREATE OR REPLACE VIEW ${database}.v_forecast_accuracy AS
SELECT
    f.environment AS environment,
    f.service_name AS service_name,
    dateDiff('day', toDate(f.issued_at), toDate(f.target_time)) + 1 AS days_ahead,
    count() AS forecasts,
    100 * sum(abs(f.value - a.requests)) / sum(a.requests) AS error_percent,
    avg(a.requests BETWEEN f.low80 AND f.high80) AS covered80,
    avg(a.requests BETWEEN f.low95 AND f.high95) AS covered95
FROM (SELECT * FROM ${database}.forecasts FINAL WHERE signal = 'requests' AND step = 'day' AND issued_at >= now('UTC') - INTERVAL 100 DAY) AS f
INNER JOIN
(
    SELECT start AS day, environment, service_name, toFloat64(sum(events)) AS requests
    FROM ${database}.distributions_1d
    WHERE metric_name = 'http_server_duration' AND start >= now('UTC') - INTERVAL 101 DAY AND start < toStartOfDay(now('UTC'))
    GROUP BY GROUPING SETS ((day, environment, service_name), (day, environment))
) AS a ON f.target_time = a.day AND f.environment = a.environment AND f.service_name = a.service_name
GROUP BY environment, service_name, days_ahead
ORDER BY environment, service_name, days_ahead

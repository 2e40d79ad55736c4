-- Series that had points in the last whole hour, by environment and metric, those with most first. Parameters: none.
SELECT l.environment AS environment, l.otel_name AS metric_name, count() AS series, sum(r.count + r.nan_count) AS points
FROM rollup_1h_now AS r
INNER JOIN series_labels AS l ON r.metric_id = l.metric_id AND r.series_id = l.series_id
WHERE r.time = toStartOfHour(now('UTC')) - INTERVAL 1 HOUR
GROUP BY environment, metric_name
ORDER BY series DESC, environment, metric_name
LIMIT 30

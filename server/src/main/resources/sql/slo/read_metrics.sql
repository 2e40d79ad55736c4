-- Metrics by name, and of which kinds they are. Parameters: {metrics}, names.
SELECT DISTINCT metric_id, metric_name, type
FROM series
WHERE metric_name IN {metrics:Array(String)}

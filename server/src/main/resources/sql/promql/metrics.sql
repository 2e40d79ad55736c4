-- Metrics with their forms. Parameters: ${database}.
SELECT DISTINCT metric_id, metric_name, unit, type, temporality, monotonic
FROM ${database}.series
FORMAT TabSeparated

-- Metrics with what their senders say of them. Parameters: ${database}.
SELECT metric_id, metric_name, unit, type, temporality, monotonic, any(description)
FROM ${database}.series
GROUP BY metric_id, metric_name, unit, type, temporality, monotonic
ORDER BY metric_name, unit, type, temporality, monotonic
FORMAT TabSeparated

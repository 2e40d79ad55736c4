-- Metrics by how many series they have. Parameters: ${database}.
SELECT metric_id, metric_name, unit, type, temporality, monotonic, uniqExact(series_id) AS series
FROM ${database}.series
GROUP BY metric_id, metric_name, unit, type, temporality, monotonic
ORDER BY series DESC, metric_name
FORMAT TabSeparated

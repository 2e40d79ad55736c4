-- Names as sent of a metric that is named in Prometheus' form. Parameters: {name}.
SELECT DISTINCT otel_name
FROM series_labels
WHERE metric_name = {name:String} OR otel_name = {name:String}
ORDER BY otel_name
LIMIT 100

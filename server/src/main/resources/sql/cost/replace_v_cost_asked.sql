-- Who asked for which metric in the last 30 days: user and source, when last (the hour; the day, once it is old), and what it took. A day of which a part is within them counts whole. Parameters: ${database}.
CREATE OR REPLACE VIEW ${database}.v_cost_asked AS
SELECT
    CAST(metric_name, 'String') AS metric_name,
    CAST(source, 'String') AS source,
    max(period) AS last_asked,
    sumIf(quantity, meter = 'query_microseconds') / 1e6 AS query_seconds,
    sumIf(quantity, meter = 'query_read_bytes') AS read_bytes
FROM (SELECT * FROM ${database}.firn_cost_quantities FINAL)
WHERE meter IN ('query_microseconds', 'query_read_bytes') AND quantity != 0
    AND period + toIntervalSecond(seconds) > now('UTC') - INTERVAL 30 DAY AND NOT startsWith(metric_name, '__')
GROUP BY metric_name, source

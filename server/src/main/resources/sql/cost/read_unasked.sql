-- Metrics that nobody asked for, the dearest first. Parameters: {most}, how many.
SELECT metric_name, series, cost, currency, toUnixTimestamp(asked_since) AS since
FROM v_cost_unasked
ORDER BY cost DESC, series DESC, metric_name
LIMIT {most:UInt32}

-- Series of metrics that have points between two days. Parameters: ${database}; ${metrics}, their ids; ${from_day}, ${to_day}, days since 1970.
SELECT toUInt32(metric_id), series_id
FROM ${database}.series
WHERE metric_id IN (${metrics})
GROUP BY metric_id, series_id
HAVING max(last_seen) >= toDate(${from_day}) AND min(first_seen) <= toDate(${to_day})
FORMAT Native

-- Reads series with points after a moment, and the newest of each. Parameters: ${database}; ${table}; ${unit}, name of the conversion; ${after}, in that unit; ${limit}.
SELECT metric_id, series_id, toUnixTimestamp64${unit}(max(time))
FROM ${database}.${table}
WHERE time > fromUnixTimestamp64${unit}(${after}, 'UTC')
GROUP BY metric_id, series_id
LIMIT ${limit}

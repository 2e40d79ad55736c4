-- Bounds or quantiles that histograms or summaries had. Parameters: ${database}; ${table}; ${column}, the array; ${keys}, pairs of metric_id and series_id; ${from}, ${to}, ms since 1970, both included.
SELECT series_id, arraySort(groupUniqArrayArray(${column}))
FROM ${database}.${table}
WHERE (metric_id, series_id) IN (${keys})
    AND time >= fromUnixTimestamp64Milli(${from}, 'UTC')
    AND time < fromUnixTimestamp64Milli(${to} + 1, 'UTC')
    AND bitAnd(flags, 1) = 0
GROUP BY metric_id, series_id
FORMAT Native

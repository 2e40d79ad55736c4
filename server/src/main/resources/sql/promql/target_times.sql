-- Times at which series have values, to the second. Parameters: ${database}; ${table}; ${keys}, pairs of metric_id and series_id; ${from}, ${to}, ms since 1970, both included.
SELECT DISTINCT series_id, toInt64(intDiv(toUnixTimestamp64Milli(time), 1000) * 1000) AS at
FROM ${database}.${table}
WHERE (metric_id, series_id) IN (${keys})
    AND time >= fromUnixTimestamp64Milli(${from}, 'UTC')
    AND time < fromUnixTimestamp64Milli(${to} + 1, 'UTC')
    AND bitAnd(flags, 1) = 0
ORDER BY at, series_id
FORMAT Native

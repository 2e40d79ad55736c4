-- Quantiles of summaries in order of time, one row a (series, time, start): that of the highest (src, seq). Parameters: ${database}; ${keys}, pairs of metric_id and series_id; ${from}, ${to}, ms since 1970, both included.
SELECT
    series_id,
    toInt64(toUnixTimestamp64Milli(time)) AS at,
    toInt64(if(bitAnd(flags, 67108864) > 0, 0, toUnixTimestamp64Milli(start_time))) AS began,
    toUInt8(bitAnd(flags, 1)) AS stale,
    quantiles,
    quantile_values
FROM ${database}.summaries
WHERE (metric_id, series_id) IN (${keys})
    AND time >= fromUnixTimestamp64Milli(${from}, 'UTC')
    AND time < fromUnixTimestamp64Milli(${to} + 1, 'UTC')
ORDER BY metric_id, series_id, time, start_time, src DESC, seq DESC, cityHash64(flags, count, reinterpretAsUInt64(sum)) DESC
LIMIT 1 BY metric_id, series_id, time, start_time
FORMAT Native

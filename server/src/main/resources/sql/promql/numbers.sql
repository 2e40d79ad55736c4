-- Numbers of series in order of time, one row a (series, time, start): that of the highest (src, seq). Parameters: ${database}; ${table}; ${value}, expression of a Float64; ${rows}, whether there is a number; ${tie}, what decides between equal (src, seq); ${keys}, pairs of metric_id and series_id; ${from}, ${to}, ms since 1970, both included.
SELECT
    series_id,
    toInt64(toUnixTimestamp64Milli(time)) AS at,
    toInt64(if(bitAnd(flags, 67108864) > 0, 0, toUnixTimestamp64Milli(start_time))) AS began,
    toUInt8(bitAnd(flags, 1)) AS stale,
    ${value} AS number,
    toUInt8(${rows}) AS there
FROM ${database}.${table}
WHERE (metric_id, series_id) IN (${keys})
    AND time >= fromUnixTimestamp64Milli(${from}, 'UTC')
    AND time < fromUnixTimestamp64Milli(${to} + 1, 'UTC')
ORDER BY metric_id, series_id, time, start_time, src DESC, seq DESC, ${tie} DESC
LIMIT 1 BY metric_id, series_id, time, start_time
FORMAT Native

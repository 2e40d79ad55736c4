-- What delta streams added up to before a time. Parameters: ${database}; ${table}; ${value}, expression of a Float64; ${rows}, whether there is a number; ${tie}, what decides between equal (src, seq); ${keys}, pairs of metric_id and series_id; ${from}, ms since 1970.
SELECT series_id, sum(number) AS total
FROM
(
    SELECT metric_id, series_id, ${value} AS number, bitAnd(flags, 1) = 0 AND ${rows} AS there
    FROM ${database}.${table}
    WHERE (metric_id, series_id) IN (${keys})
        AND time < fromUnixTimestamp64Milli(${from}, 'UTC')
    ORDER BY metric_id, series_id, time, start_time, src DESC, seq DESC, ${tie} DESC
    LIMIT 1 BY metric_id, series_id, time, start_time
)
WHERE there AND isFinite(number)
GROUP BY series_id
FORMAT Native

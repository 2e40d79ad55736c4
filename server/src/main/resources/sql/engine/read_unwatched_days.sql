-- Reads the days that have first points of which nobody knows that they were watched: (kind, day). Parameters: ${database}; ${from}, seconds since 1970.
SELECT kind, toUInt16(toDate(time, 'UTC')) AS day
FROM (SELECT kind, time FROM ${database}.firn_rollup_firsts FINAL WHERE watched = 0 AND time >= toDateTime(${from}, 'UTC'))
GROUP BY kind, day
ORDER BY day, kind
LIMIT 1000

-- Counts the rows of a table by window of 5 minutes. Parameters: ${database}; ${table}; ${from}, ${to}, seconds since 1970.
SELECT toUnixTimestamp(toStartOfFiveMinutes(toDateTime(time, 'UTC'))) AS slot, count()
FROM ${database}.${table}
WHERE time >= toDateTime(${from}, 'UTC') AND time < toDateTime(${to}, 'UTC')
GROUP BY slot
ORDER BY slot

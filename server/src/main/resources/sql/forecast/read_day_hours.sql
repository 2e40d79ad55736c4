-- Hours with rollups of each day in a range. Parameters: {from}, {to}, seconds.
SELECT toUnixTimestamp(toStartOfDay(time, 'UTC')) AS day, uniqExact(time) AS hours
FROM rollup_1h_now
WHERE time >= toDateTime({from:UInt32}, 'UTC') AND time < toDateTime({to:UInt32}, 'UTC')
GROUP BY day
ORDER BY day

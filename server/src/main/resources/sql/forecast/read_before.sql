-- Hours with rollups in a range, and the first of them (0: none). Parameters: {from}, {to}, seconds.
SELECT uniqExact(time) AS hours, toUnixTimestamp(min(time)) AS first
FROM rollup_1h_now
WHERE time >= toDateTime({from:UInt32}, 'UTC') AND time < toDateTime({to:UInt32}, 'UTC')

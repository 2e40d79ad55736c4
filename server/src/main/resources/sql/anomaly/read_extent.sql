-- The first interval since a time that HTTP requests or a plane's points are known of (0: none), and how many there are. Parameters: {from}, {to}, seconds.
SELECT toUnixTimestamp(min(time)) AS first, count() AS intervals
FROM
(
    SELECT time FROM rollup_5m_now
    WHERE time >= toDateTime({from:UInt32}, 'UTC') AND time < toDateTime({to:UInt32}, 'UTC')
    GROUP BY time
)

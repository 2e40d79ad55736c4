-- Points of some metrics in a range of time, and what their series had before it (is_before): of each start time the last point, of deltas and gauges the last of all. That is looked for in the hour before; further back for series with a start time that is not seen there. Parameters: {metrics}, ids; {mask}, {part}: of streams; {from}, {to}, ms.
WITH
    picked AS
    (
        SELECT metric_id, series_id
        FROM series
        WHERE metric_id IN {metrics:Array(UInt32)}
            AND bitAnd(cityHash64(resource, scope_name, scope_version, scope_attributes), {mask:UInt64}) = {part:UInt64}
    ),
    cumulative AS
    (
        SELECT metric_id, series_id FROM series WHERE metric_id IN {metrics:Array(UInt32)} AND temporality = 'cumulative'
    ),
    stored AS
    (
        SELECT
            metric_id, series_id, time, start_time, flags, src, seq, value, value_int,
            if(
                (metric_id, series_id) IN (SELECT metric_id, series_id FROM cumulative) AND bitAnd(flags, 67108864) = 0,
                toUnixTimestamp64Nano(start_time), toInt64(0)) AS run
        FROM samples
        WHERE metric_id IN {metrics:Array(UInt32)} AND (metric_id, series_id) IN (SELECT metric_id, series_id FROM picked)
            AND bitAnd(flags, 1) = 0 AND isFinite(value)
    ),
    older AS
    (
        SELECT metric_id, series_id
        FROM stored
        WHERE time >= fromUnixTimestamp64Milli({from:Int64}) AND time < fromUnixTimestamp64Milli({to:Int64})
            AND (metric_id, series_id, run) NOT IN
            (
                SELECT metric_id, series_id, run
                FROM stored
                WHERE time >= fromUnixTimestamp64Milli({from:Int64} - 3600000) AND time < fromUnixTimestamp64Milli({from:Int64})
            )
        GROUP BY metric_id, series_id
    )
SELECT
    is_before, metric_id, series_id,
    toUnixTimestamp64Nano(time) AS at, toUnixTimestamp64Nano(start_time) AS began, flags, src, seq,
    value, value_int
FROM
(
    SELECT 0 AS is_before, metric_id, series_id, time, start_time, flags, src, seq, value, value_int
    FROM stored
    WHERE time >= fromUnixTimestamp64Milli({from:Int64}) AND time < fromUnixTimestamp64Milli({to:Int64})
    UNION ALL
    SELECT
        1 AS is_before, metric_id, series_id,
        last.1 AS time,
        last.2 AS start_time,
        last.3 AS flags,
        last.4 AS src,
        last.5 AS seq,
        last.6 AS value,
        last.7 AS value_int
    FROM
    (
        SELECT metric_id, series_id, run, argMax((time, start_time, flags, src, seq, value, value_int), (time, src, seq)) AS last
        FROM stored
        WHERE time < fromUnixTimestamp64Milli({from:Int64})
            AND (time >= fromUnixTimestamp64Milli({from:Int64} - 3600000) OR (metric_id, series_id) IN (SELECT metric_id, series_id FROM older))
        GROUP BY metric_id, series_id, run
    )
)

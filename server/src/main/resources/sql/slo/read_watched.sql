-- When streams had their last point before a time. Parameters: {table}; {metrics}, ids; {streams}, ids; {from}, ms.
SELECT s.metric_id AS metric_id, s.stream AS stream, toUnixTimestamp64Nano(max(p.time)) AS last
FROM {table:Identifier} AS p
INNER JOIN
(
    SELECT metric_id, series_id, cityHash64(resource, scope_name, scope_version, scope_attributes) AS stream
    FROM series
    WHERE metric_id IN {metrics:Array(UInt32)} AND stream IN {streams:Array(UInt64)}
) AS s ON p.metric_id = s.metric_id AND p.series_id = s.series_id
WHERE p.metric_id IN {metrics:Array(UInt32)} AND p.time < fromUnixTimestamp64Milli({from:Int64}) AND bitAnd(p.flags, 1) = 0
GROUP BY metric_id, stream

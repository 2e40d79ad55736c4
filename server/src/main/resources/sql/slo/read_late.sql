-- Which ranges late points touch: of each series from its first late point to the next point after its last one (0 if there is none). Parameters: as read_fresh, and {oldest}, ms.
WITH late AS
(
    SELECT metric_id, series_id, min(time) AS lowest, max(time) AS highest
    FROM {source:Identifier}
    WHERE time >= fromUnixTimestamp64Milli({oldest:Int64}) AND time < fromUnixTimestamp64Milli({hot:Int64}) AND metric_id IN {metrics:Array(UInt32)}
    AND _part IN (SELECT name FROM system.parts WHERE database = currentDatabase() AND table = {table:String} AND toUnixTimestamp(modification_time) >= {since:UInt64})
    AND (NOT mapContains({cuts:Map(String, UInt64)}, CAST(src, 'String')) OR seq > {cuts:Map(String, UInt64)}[CAST(src, 'String')])
    GROUP BY metric_id, series_id
)
SELECT
    toUnixTimestamp64Milli(l.lowest) AS first,
    toUnixTimestamp64Milli(l.highest) AS last,
    if(countIf(p.time > l.highest) = 0, 0, toUnixTimestamp64Milli(minIf(p.time, p.time > l.highest))) AS next
FROM {source:Identifier} AS p
INNER JOIN late AS l ON p.metric_id = l.metric_id AND p.series_id = l.series_id
WHERE p.metric_id IN {metrics:Array(UInt32)} AND p.time >= fromUnixTimestamp64Milli({oldest:Int64})
    AND (bitAnd(p.flags, 1) = 0 OR p.time <= l.highest)
GROUP BY l.metric_id, l.series_id, l.lowest, l.highest

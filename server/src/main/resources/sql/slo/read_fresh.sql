-- What came since the newest cuts that were seen: of each writer the newest cut, and the first point that is not too late for `hot`. Only parts that appeared since then are read. Parameters: {table}, {source}, the same; {metrics}, ids; {hot}, {to}, ms; {since}, s; {cuts}, by writer.
SELECT
    src,
    max(seq) AS newest,
    toUnixTimestamp64Milli(minIf(time, time >= fromUnixTimestamp64Milli({hot:Int64}) AND time < fromUnixTimestamp64Milli({to:Int64}))) AS first,
    countIf(time < fromUnixTimestamp64Milli({hot:Int64})) AS late
FROM {source:Identifier}
WHERE metric_id IN {metrics:Array(UInt32)}
    AND _part IN (SELECT name FROM system.parts WHERE database = currentDatabase() AND table = {table:String} AND toUnixTimestamp(modification_time) >= {since:UInt64})
    AND (NOT mapContains({cuts:Map(String, UInt64)}, CAST(src, 'String')) OR seq > {cuts:Map(String, UInt64)}[CAST(src, 'String')])
GROUP BY src

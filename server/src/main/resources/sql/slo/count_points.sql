-- Points of some metrics in a range of time. Parameters: {table}; {metrics}, ids; {from}, {to}, ms.
SELECT count() AS points
FROM {table:Identifier}
WHERE metric_id IN {metrics:Array(UInt32)} AND time >= fromUnixTimestamp64Milli({from:Int64}) AND time < fromUnixTimestamp64Milli({to:Int64})

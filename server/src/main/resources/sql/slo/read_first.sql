-- When the first point of some metrics in a range is; 0 if there is none. Parameters: {table}; {metrics}, ids; {from}, {to}, ms.
SELECT if(count() = 0, 0, toUnixTimestamp64Milli(min(time))) AS first
FROM {table:Identifier}
WHERE metric_id IN {metrics:Array(UInt32)} AND time >= fromUnixTimestamp64Milli({from:Int64}) AND time < fromUnixTimestamp64Milli({to:Int64})

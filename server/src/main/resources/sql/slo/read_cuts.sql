-- The newest cut of each writer that has points of some metrics since a time. Parameters: {table}; {metrics}, ids; {from}, ms.
SELECT src, max(seq) AS newest
FROM {table:Identifier}
WHERE metric_id IN {metrics:Array(UInt32)} AND time >= fromUnixTimestamp64Milli({from:Int64})
GROUP BY src

-- The newest cut of each writer among parts that appeared since a time. Parameters: {table}, {source}, the same; {since}, seconds.
SELECT src, max(seq) AS newest
FROM {source:Identifier}
WHERE _part IN (SELECT name FROM system.parts WHERE database = currentDatabase() AND table = {table:String} AND toUnixTimestamp(modification_time) >= {since:UInt64})
GROUP BY src

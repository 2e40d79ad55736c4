-- Counts a writer's rows by month, shard (from 0) and cut, to learn what an interrupted insert left. Rows that expire before the border are left out on both sides of the comparison. Parameters: ${database}, ${table}, ${shard} (expression), ${src}, ${after} (cut), ${up_to} (cut), ${border} (ms since 1970), ${days} (retention at most).
SELECT toYYYYMM(time) AS month, toUInt32(${shard}) AS shard, seq, count()
FROM ${database}.${table}
WHERE src = '${src}' AND seq > ${after} AND seq <= ${up_to}
    AND toUnixTimestamp64Milli(time) + least(toInt64(retention_days), ${days}) * 86400000 >= ${border}
GROUP BY month, shard, seq

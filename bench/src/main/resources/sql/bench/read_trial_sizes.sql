-- Bytes of a table, of its primary key on disk and in memory, and its partitions. Parameters: ${database}, ${table}.
SELECT sum(bytes_on_disk), sum(primary_key_size), sum(primary_key_bytes_in_memory), uniqExact(partition)
FROM system.parts
WHERE database = '${database}' AND table = '${table}' AND active

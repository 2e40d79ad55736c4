-- Bytes on disk of each table and partition, and of the columns of parts that have files of their own for each. Parameters: none.
SELECT
    table, partition_id,
    sumIf(bytes_on_disk, column_position = 1 AND active) AS bytes,
    sumIf(bytes_on_disk, column_position = 1 AND NOT active) AS inactive,
    sumIf(rows, column_position = 1 AND active) AS n,
    groupArrayIf(column, active AND column_bytes_on_disk > 0) AS names,
    arrayStringConcat(names, ',') AS columns,
    arrayStringConcat(groupArrayIf(toString(column_bytes_on_disk), active AND column_bytes_on_disk > 0), ',') AS sizes
FROM system.parts_columns
WHERE database = currentDatabase()
GROUP BY table, partition_id
ORDER BY table, partition_id

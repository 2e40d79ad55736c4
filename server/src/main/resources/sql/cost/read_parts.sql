-- Bytes on disk of each table and partition, with parts that wait to be deleted, and of the columns of parts that have files of their own for each; rows of active parts. Parameters: none.
SELECT
    table, partition_id,
    sumIf(bytes_on_disk, column_position = 1) AS bytes,
    sumIf(rows, column_position = 1 AND active) AS n,
    groupArrayIf(column, column_bytes_on_disk > 0) AS names,
    arrayStringConcat(names, ',') AS columns,
    arrayStringConcat(groupArrayIf(toString(column_bytes_on_disk), column_bytes_on_disk > 0), ',') AS sizes
FROM system.parts_columns
WHERE database = currentDatabase()
GROUP BY table, partition_id
ORDER BY table, partition_id

-- Rows and bytes of each table; bytes of its columns, the greatest first. Parameters: ${database}.
SELECT
    c.table AS name,
    any(p.rows) AS rows,
    any(p.bytes) AS bytes,
    round(bytes / rows, 2) AS bytes_a_row,
    round(any(p.raw) / bytes, 1) AS compression,
    arrayStringConcat(arraySlice(arrayReverseSort(x -> x.2, groupArray((c.column, round(c.bytes / rows, 2)))).1, 1, 6), ' ') AS greatest
FROM
(
    SELECT table, column, sum(column_data_compressed_bytes) AS bytes FROM system.parts_columns
    WHERE database = '${database}' AND active GROUP BY table, column
) AS c
INNER JOIN
(
    SELECT table, sum(rows) AS rows, sum(bytes_on_disk) AS bytes, sum(data_uncompressed_bytes) AS raw FROM system.parts
    WHERE database = '${database}' AND active GROUP BY table
) AS p ON c.table = p.table
GROUP BY name
ORDER BY bytes DESC

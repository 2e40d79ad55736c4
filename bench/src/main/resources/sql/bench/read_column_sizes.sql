-- Bytes of each column that has any to speak of, and bytes a row of its table. Parameters: ${database}.
SELECT table, column, all_bytes, round(all_bytes / all_rows, 3) AS a_row
FROM
(
    SELECT table, column, sum(column_bytes_on_disk) AS all_bytes, sum(rows) AS all_rows
    FROM system.parts_columns
    WHERE database = '${database}' AND active
    GROUP BY table, column
)
WHERE a_row >= 0.01
ORDER BY table, all_bytes DESC

-- Rows and bytes of each table, bytes a row and a stored point, and how many times smaller than uncompressed, the greatest first. Parameters: ${database}; ${points}, how many are stored.
SELECT table, all_rows, all_bytes, round(all_bytes / all_rows, 2), round(all_bytes / ${points}, 3), round(raw / all_bytes, 1)
FROM
(
    SELECT table, sum(rows) AS all_rows, sum(bytes_on_disk) AS all_bytes, sum(data_uncompressed_bytes) AS raw
    FROM system.parts
    WHERE database = '${database}' AND active
    GROUP BY table
)
WHERE all_rows > 0
ORDER BY all_bytes DESC

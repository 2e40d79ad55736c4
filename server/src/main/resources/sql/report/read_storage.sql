-- What the engine's tables take on disk, the largest first. Parameters: none.
SELECT table, sum(bytes_on_disk) AS bytes, sum(rows) AS stored_rows, sum(data_uncompressed_bytes) AS uncompressed_bytes, toString(max(modification_time)) AS last_modified
FROM system.parts
WHERE active AND database = currentDatabase()
GROUP BY table
ORDER BY bytes DESC, table

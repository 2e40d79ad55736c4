-- Computes windows of rollup_5m. Parameters: ${database}; ${columns}, names; ${rows}, a SELECT of them; ${version} of the rows.
INSERT INTO ${database}.rollup_5m (${columns}, version, deleted)
SELECT ${columns}, ${version}, 0 FROM (${rows})
SETTINGS max_threads = 1, max_insert_threads = 1, async_insert = 0

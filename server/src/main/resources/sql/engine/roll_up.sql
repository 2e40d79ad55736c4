-- Stores computed rows of a rollup. Parameters: ${database}; ${table}; ${columns}, names; ${rows}, a SELECT of them; ${version} of the rows.
INSERT INTO ${database}.${table} (${columns}, version, deleted)
SELECT ${columns}, ${version}, 0 FROM (${rows})
SETTINGS max_threads = 1, max_insert_threads = 1, async_insert = 0, max_partitions_per_insert_block = 0

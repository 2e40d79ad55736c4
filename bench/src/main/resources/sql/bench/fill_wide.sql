-- The same points in the seed's table. Parameters: ${database}; ${table}.
INSERT INTO ${database}.${table} SELECT * FROM ${database}.metrics_local_v2
SETTINGS max_insert_threads = 1, max_partitions_per_insert_block = 1000

-- Records the number of shards, and the number that INSERTs name from now on. Parameters: ${database}, ${shards}, ${tokens}.
INSERT INTO ${database}.firn_placement SETTINGS async_insert = 0
SELECT ${shards}, ${tokens}

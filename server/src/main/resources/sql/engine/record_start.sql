-- Records a start. Parameters: ${database}, ${id}.
INSERT INTO ${database}.firn_starts SETTINGS async_insert = 0
SELECT '${id}', now64(3, 'UTC')

-- Records a migration as applied. Parameters: ${database}, ${version}, ${name}.
INSERT INTO ${database}.firn_migrations SETTINGS async_insert = 0
SELECT ${version}, '${name}', now64(3, 'UTC')

-- Records up to where windows are closed, seconds since 1970. Parameters: ${database}; ${to}; ${version}.
INSERT INTO ${database}.firn_rollup_state SETTINGS async_insert = 0
SELECT toDateTime(${to}, 'UTC'), ${version}

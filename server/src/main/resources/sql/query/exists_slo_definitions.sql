-- Tells whether the engine has its copy of the objectives. Parameters: ${database}.
SELECT count() FROM system.tables WHERE database = '${database}' AND name = 'slo_definitions'

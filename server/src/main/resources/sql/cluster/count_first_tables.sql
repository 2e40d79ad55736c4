-- Counts those of the two tables that are made first which are there. Parameters: ${database}.
SELECT count() FROM system.tables WHERE database = '${database}' AND name IN ('firn_placement', 'firn_migrations')

-- Counts the database's tables. Parameters: ${database}.
SELECT count() FROM system.tables WHERE database = '${database}'

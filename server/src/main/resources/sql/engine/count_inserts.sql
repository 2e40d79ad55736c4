-- Counts a writer's inserts that are still running on a server. Parameters: ${prefix} (of their query ids).
SELECT count() FROM system.processes WHERE startsWith(query_id, '${prefix}')

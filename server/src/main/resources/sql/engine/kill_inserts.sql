-- Cancels a writer's inserts that may still be running on a server. Parameters: ${prefix} (of their query ids).
KILL QUERY WHERE startsWith(query_id, '${prefix}') ASYNC

-- Counts the inserts of ours that run: by the beginning of their query ids, which Firn's own engine shows in log_comment. Parameters: ${prefix}.
SELECT count() FROM system.processes
WHERE startsWith(query_id, '${prefix}') OR startsWith(initial_query_id, '${prefix}')
    OR position(Settings['log_comment'], ':internal:${prefix}') > 0

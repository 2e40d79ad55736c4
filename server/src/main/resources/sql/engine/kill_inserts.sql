-- Asks the inserts of ours that run to end. Parameters: ${prefix}.
KILL QUERY WHERE startsWith(query_id, '${prefix}') OR startsWith(initial_query_id, '${prefix}')
    OR position(Settings['log_comment'], ':internal:${prefix}') > 0
ASYNC

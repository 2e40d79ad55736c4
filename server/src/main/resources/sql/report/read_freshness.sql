-- Each plane's newest point and how old it is, the oldest first. Parameters: none.
SELECT data_plane_id, environment, toString(last_data_timestamp) AS last_data_timestamp, minutes_since_last_data, if(is_stale, 'stale', 'fresh') AS state
FROM v_data_freshness
ORDER BY minutes_since_last_data DESC, data_plane_id, environment
LIMIT 100

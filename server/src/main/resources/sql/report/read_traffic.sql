-- HTTP requests of a day by environment and plane. Parameters: ${day}.
SELECT environment, data_plane_id, total_requests, total_errors, error_rate AS error_percent, 1000 * avg_duration AS avg_milliseconds
FROM v_daily_summary
WHERE date = '${day}'
ORDER BY total_requests DESC, environment, data_plane_id
LIMIT 50

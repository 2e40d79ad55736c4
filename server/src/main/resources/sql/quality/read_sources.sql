-- Sources: planes, environments and services with series of today and yesterday. Parameters: none.
SELECT CAST(data_plane_id, 'String') AS plane, CAST(environment, 'String') AS env, CAST(service_name, 'String') AS service
FROM series
WHERE last_seen >= toDate(now('UTC')) - 1
GROUP BY plane, env, service
ORDER BY plane, env, service
LIMIT 10000

-- What was not as expected on a day, the strongest first. Parameters: ${day}.
SELECT toString(time) AS at, signal, arrayStringConcat(arrayFilter(part -> part != '', [data_plane_id, environment, service_name, http_route]), '/') AS subject, severity, actual, expected, explanation
FROM anomalies FINAL
WHERE time >= toDateTime('${day} 00:00:00', 'UTC') AND time < toDateTime('${day} 00:00:00', 'UTC') + INTERVAL 1 DAY
ORDER BY alerting DESC, score DESC, time
LIMIT 30

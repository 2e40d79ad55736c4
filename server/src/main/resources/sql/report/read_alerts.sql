-- Alerts that fired at some time of a day, but those for who looks (severity info); the newest fifty. Parameters: ${day}.
SELECT source, rule, severity, arrayStringConcat(mapValues(CAST(subject, 'Map(String, String)')), '/') AS subject_values, toString(assumeNotNull(toDateTime(fired_at, 'UTC'))) AS fired, if(state = 'resolved', toString(assumeNotNull(toDateTime(coalesce(resolved_at, last_seen_at), 'UTC'))), state) AS ended, summary
FROM alerts
WHERE severity != 'info' AND fired_at < toDateTime('${day} 00:00:00', 'UTC') + INTERVAL 1 DAY AND (state != 'resolved' OR coalesce(resolved_at, last_seen_at) >= toDateTime('${day} 00:00:00', 'UTC'))
ORDER BY fired_at DESC, source, rule
LIMIT 50

-- Incidents of data quality that a day saw by check, failures first: how many, of whom (the first three), one of their summaries, and how many are still open. Parameters: ${day}.
SELECT
    check_id, severity, count() AS incidents, countIf(state != 'resolved') AS still_open, toString(toDateTime(min(first_seen), 'UTC')) AS since,
    concat(arrayStringConcat(arraySlice(arraySort(groupUniqArray(subject)), 1, 3), ', '), if(incidents > 3, ' …', '')) AS subjects,
    argMin(i.summary, subject) AS example
FROM (SELECT *, arrayStringConcat(arrayFilter(part -> part != '', [data_plane_id, environment, service_name, metric_name]), '/') AS subject FROM quality_incidents) AS i
WHERE first_seen < toDateTime('${day} 00:00:00', 'UTC') + INTERVAL 1 DAY AND (state != 'resolved' OR coalesce(resolved_at, last_seen) >= toDateTime('${day} 00:00:00', 'UTC'))
GROUP BY check_id, severity
ORDER BY severity, incidents DESC, check_id

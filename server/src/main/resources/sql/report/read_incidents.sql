-- Open incidents of data quality by check, failures first: how many, of whom (the first three), one of their summaries. Parameters: none.
SELECT
    check_id, severity, count() AS incidents, toString(toDateTime(min(first_seen), 'UTC')) AS since,
    concat(arrayStringConcat(arraySlice(arraySort(groupUniqArray(subject)), 1, 3), ', '), if(incidents > 3, ' …', '')) AS subjects,
    argMin(i.summary, subject) AS example
FROM (SELECT *, arrayStringConcat(arrayFilter(part -> part != '', [data_plane_id, environment, service_name, metric_name]), '/') AS subject FROM quality_incidents WHERE state != 'resolved') AS i
GROUP BY check_id, severity
ORDER BY severity, incidents DESC, check_id

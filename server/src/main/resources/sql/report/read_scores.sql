-- Scores of data quality of a day by source, the lowest first, beside those of the day before. Parameters: ${day}.
SELECT
    arrayStringConcat(arrayFilter(part -> part != '', [data_plane_id, environment, service_name]), '/') AS source,
    sumIf(d.score, date = '${day}') AS score,
    if(countIf(date < '${day}') = 0, NULL, sumIf(d.score, date < '${day}')) AS day_before,
    sumIf(incidents_began, date = '${day}') AS incidents_began,
    arrayStringConcat(groupArrayArrayIf(failing, date = '${day}'), ', ') AS failing
FROM v_data_quality_daily AS d
WHERE date IN (toDate('${day}'), toDate('${day}') - 1)
GROUP BY source
HAVING countIf(date = '${day}') > 0
ORDER BY score, source
LIMIT 50

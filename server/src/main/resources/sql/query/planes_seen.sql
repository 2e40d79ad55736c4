-- Tells the data planes of the last seven days: environment, data_plane_id, time of the newest point in rollups (of hours; of 5 minutes, where hours are not made yet), seconds since 1970. Parameters: ${database}.
SELECT environment, data_plane_id, toUnixTimestamp(max(last)) AS newest
FROM
(
    SELECT metric_id, series_id, max(last_time) AS last
    FROM
    (
        SELECT metric_id, series_id, last_time FROM ${database}.rollup_1h WHERE time >= now() - INTERVAL 7 DAY
        UNION ALL
        SELECT metric_id, series_id, last_time FROM ${database}.rollup_5m WHERE time >= now() - INTERVAL 1 DAY
    )
    WHERE last_time <= now() AND last_time > toDateTime(0)
    GROUP BY metric_id, series_id
) AS hours
INNER JOIN (SELECT DISTINCT metric_id, series_id, environment, data_plane_id FROM ${database}.series) AS known
    USING (metric_id, series_id)
GROUP BY environment, data_plane_id
SETTINGS max_threads = 1

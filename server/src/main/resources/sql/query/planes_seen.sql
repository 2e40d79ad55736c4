-- Tells the data planes of the last seven days: environment, data_plane_id, time of the newest point in rolled-up hours, seconds since 1970. Parameters: ${database}.
SELECT environment, data_plane_id, toUnixTimestamp(max(last)) AS newest
FROM
(
    SELECT metric_id, series_id, max(last_time) AS last
    FROM ${database}.rollup_1h
    WHERE time >= now() - INTERVAL 7 DAY AND last_time <= now() AND last_time > toDateTime(0)
    GROUP BY metric_id, series_id
) AS hours
INNER JOIN (SELECT DISTINCT metric_id, series_id, environment, data_plane_id FROM ${database}.series) AS known
    USING (metric_id, series_id)
GROUP BY environment, data_plane_id
SETTINGS max_threads = 1

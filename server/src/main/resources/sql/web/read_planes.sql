-- Each plane and environment with the time of its newest point in stored rollups, seconds since 1970 (0 before the first is stored), and its services. Parameters: ${database}.
SELECT s.environment AS environment, s.data_plane_id AS data_plane_id, toUnixTimestamp(max(r.last)) AS newest, uniqExact(s.service_name) AS services
FROM ${database}.series AS s
LEFT JOIN
(
    SELECT metric_id, series_id, max(last_time) AS last
    FROM
    (
        SELECT metric_id, series_id, last_time FROM ${database}.rollup_5m WHERE time >= now() - INTERVAL 2 DAY
        UNION ALL
        SELECT metric_id, series_id, last_time FROM ${database}.rollup_1d
    )
    WHERE last_time <= now()
    GROUP BY metric_id, series_id
) AS r ON s.metric_id = r.metric_id AND s.series_id = r.series_id
GROUP BY environment, data_plane_id
ORDER BY environment, data_plane_id
LIMIT 1000

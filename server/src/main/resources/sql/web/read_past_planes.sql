-- Each plane and environment of the lake's series with the time of its newest point, seconds since 1970 (0 where it is not among the points that were planned), and its services. Parameters: ${database}, of a question to the lake; ${at}, seconds since 1970.
SELECT s.environment AS environment, s.data_plane_id AS data_plane_id, toUnixTimestamp(max(p.newest)) AS newest, uniqExact(s.service_name) AS services
FROM ${database}.lake_series AS s
LEFT JOIN
(
    SELECT series_id, max(time) AS newest
    FROM ${database}.points
    WHERE time <= toDateTime(${at}, 'UTC')
    GROUP BY series_id
) AS p ON s.series_id = p.series_id
GROUP BY environment, data_plane_id
ORDER BY environment, data_plane_id
LIMIT 1000

-- Each plane and environment with its services and the time of its newest point, seconds since 1970. Parameters: ${database}.
SELECT f.environment AS environment, f.data_plane_id AS data_plane_id, toUnixTimestamp(f.last_data_timestamp) AS newest, s.services AS services
FROM ${database}.v_data_freshness AS f
LEFT JOIN
(
    SELECT environment, data_plane_id, uniqExact(service_name) AS services
    FROM ${database}.series
    GROUP BY environment, data_plane_id
) AS s ON f.environment = s.environment AND f.data_plane_id = s.data_plane_id
ORDER BY environment, data_plane_id
LIMIT 1000

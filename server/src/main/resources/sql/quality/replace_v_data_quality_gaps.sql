-- Hours of the last seven days in which planes sent nothing that were expected: those that sent something in some hour before it and, within seven days, in some hour since. A plane that was never seen is not missed. Parameters: ${database}.
CREATE OR REPLACE VIEW ${database}.v_data_quality_gaps AS
WITH
    toStartOfHour(now('UTC')) AS this_hour,
    hours AS
    (
        SELECT l.data_plane_id AS data_plane_id, r.time AS hour
        FROM ${database}.rollup_1h_now AS r
        INNER JOIN ${database}.series_labels AS l ON r.metric_id = l.metric_id AND r.series_id = l.series_id
        WHERE r.time >= this_hour - INTERVAL 15 DAY AND r.time < this_hour AND r.count + r.nan_count > 0
        GROUP BY data_plane_id, hour
    ),
    planes AS
    (
        SELECT data_plane_id, min(hour) AS first_hour, max(hour) AS last_hour, groupUniqArray(hour) AS reported
        FROM hours
        GROUP BY data_plane_id
    )
SELECT
    expected_hour,
    countIf(has(reported, expected_hour)) AS data_planes_reporting,
    arraySort(groupArrayIf(data_plane_id, has(reported, expected_hour))) AS reporting_planes,
    count() AS data_planes_expected,
    arraySort(groupArrayIf(data_plane_id, NOT has(reported, expected_hour))) AS missing_planes
FROM (SELECT this_hour - INTERVAL (number + 1) HOUR AS expected_hour FROM numbers(168)) AS expected
CROSS JOIN planes
WHERE first_hour <= expected_hour AND last_hour >= this_hour - INTERVAL 7 DAY
GROUP BY expected_hour
HAVING data_planes_reporting < data_planes_expected
ORDER BY expected_hour DESC

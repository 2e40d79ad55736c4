-- Hours of the last seven days in which planes sent nothing that were expected, the newest first. Parameters: none.
SELECT
    toString(expected_hour) AS expected_hour, data_planes_reporting,
    arrayStringConcat(reporting_planes, ', ') AS reporting_planes,
    arrayStringConcat(missing_planes, ', ') AS missing_planes
FROM v_data_quality_gaps
ORDER BY expected_hour DESC
LIMIT 50

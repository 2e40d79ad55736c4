-- Of each plane and environment the newest point, and how long ago that was; stale where it is more than an hour. Points from the future do not count. Parameters: ${database}.
CREATE OR REPLACE VIEW ${database}.v_data_freshness AS
WITH now('UTC') AS at
SELECT
    l.data_plane_id AS data_plane_id,
    l.environment AS environment,
    max(r.last) AS last_data_timestamp,
    dateDiff('minute', last_data_timestamp, at) AS minutes_since_last_data,
    minutes_since_last_data > 60 AS is_stale
FROM
(
    SELECT metric_id, series_id, toDateTime(max(if(last_time != 0, last_time, time)), 'UTC') AS last
    FROM ${database}.rollup_5m_now
    WHERE time >= at - INTERVAL 2 DAY AND time <= at AND last_time <= at
    GROUP BY metric_id, series_id
    UNION ALL
    SELECT metric_id, series_id, toDateTime(max(if(last_time != 0, last_time, time)), 'UTC') AS last
    FROM ${database}.rollup_1d FINAL
    WHERE last_time <= at
    GROUP BY metric_id, series_id
) AS r
INNER JOIN ${database}.series_labels AS l ON r.metric_id = l.metric_id AND r.series_id = l.series_id
GROUP BY data_plane_id, environment

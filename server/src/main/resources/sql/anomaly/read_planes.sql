-- Points of each interval and plane, and the newest point's time in seconds; points from the future do not count as newest. Parameters: {from}, {to}, seconds: starts of intervals.
SELECT
    toUnixTimestamp(r.time) AS at, l.environment AS env, l.data_plane_id AS plane,
    toFloat64(sum(r.count + r.nan_count)) AS points,
    toFloat64(max(if(toUnixTimestamp(toDateTime(r.last_time, 'UTC')) < at + 300, toUnixTimestamp(toDateTime(r.last_time, 'UTC')), 0))) AS newest
FROM rollup_5m_now AS r
INNER JOIN series_labels AS l ON r.metric_id = l.metric_id AND r.series_id = l.series_id
WHERE r.time >= toDateTime({from:UInt32}, 'UTC') AND r.time < toDateTime({to:UInt32}, 'UTC')
GROUP BY at, env, plane
ORDER BY at, env, plane

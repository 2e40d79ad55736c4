-- Series with points of each hour by environment, and their points. Parameters: {from}, {to}, seconds.
SELECT
    toUnixTimestamp(r.time) AS at, l.environment AS env, '' AS service,
    toFloat64(count()) AS series, toFloat64(sum(r.count + r.nan_count)) AS points
FROM rollup_1h_now AS r
INNER JOIN series_labels AS l ON r.metric_id = l.metric_id AND r.series_id = l.series_id
WHERE r.time >= toDateTime({from:UInt32}, 'UTC') AND r.time < toDateTime({to:UInt32}, 'UTC')
GROUP BY at, env
ORDER BY at, env

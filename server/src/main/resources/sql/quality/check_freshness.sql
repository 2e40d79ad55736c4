-- Of each metric and source with points in the last day: seconds since its newest point (observed) and its usual interval (expected); sources whose series all ended with stale markers are left out. Points from the future do not count. Parameters: {now}, seconds.
SELECT
    'freshness' AS check,
    l.data_plane_id AS plane, l.environment AS env, l.service_name AS service, l.otel_name AS metric,
    {now:UInt32} - max(r.last) AS observed,
    quantileExact(0.5)(r.step) AS expected,
    count() AS series, sum(r.points) AS points, '' AS evidence
FROM
(
    SELECT
        metric_id, series_id,
        sum(count + nan_count) AS points,
        max(if(last_time != 0, toUnixTimestamp(toDateTime(last_time, 'UTC')), least(toUnixTimestamp(time) + 300, {now:UInt32}))) AS last,
        min(if(first_time != 0, toUnixTimestamp(toDateTime(first_time, 'UTC')), toUnixTimestamp(time))) AS first,
        if(points > 1, least((last - first) / (points - 1), count() * 300 / points), 0) AS step,
        argMax(stale_count > 0 AND count = 0, time) AS ended
    FROM rollup_5m_now
    WHERE time >= toDateTime({now:UInt32} - 86400, 'UTC') AND time <= toDateTime({now:UInt32}, 'UTC')
        AND last_time <= toDateTime({now:UInt32}, 'UTC')
    GROUP BY metric_id, series_id
) AS r
INNER JOIN series_labels AS l ON r.metric_id = l.metric_id AND r.series_id = l.series_id
GROUP BY plane, env, service, metric
HAVING min(r.ended) = 0 AND points >= 3

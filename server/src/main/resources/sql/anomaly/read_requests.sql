-- HTTP requests of each interval and environment, service and route, 5xx among them, and of each group the buckets of durations that have the same bounds. Series that reported without a request count zero; those that did not report are not there. Parameters: {from}, {to}, seconds: starts of intervals.
SELECT
    toUnixTimestamp(r.time) AS at,
    l.environment AS env, l.service_name AS service, l.http_route AS route,
    toFloat64(sum(r.increase)) AS requests,
    toFloat64(sumIf(r.increase, match(l.http_status_code, '^5[0-9][0-9]$'))) AS errors,
    l.multiplier / l.divisor AS unit, r.bounds AS bounds, r.scale AS scale,
    toFloat64(sum(r.zero_count)) AS zeros,
    sumForEach(r.buckets) AS buckets,
    sumMap(arrayMap(i -> toInt32(r.positive_offset + i - 1), arrayEnumerate(r.positive_buckets)), r.positive_buckets) AS positive
FROM rollup_5m_now_distributions AS r
INNER JOIN series_labels AS l ON r.metric_id = l.metric_id AND r.series_id = l.series_id
WHERE r.time >= toDateTime({from:UInt32}, 'UTC') AND r.time < toDateTime({to:UInt32}, 'UTC')
    AND r.metric_id IN (SELECT metric_id FROM series WHERE metric_name IN ('http.server.request.duration', 'http.server.duration', 'http_server_request_duration', 'http_server_duration'))
    AND l.metric_name = 'http_server_duration' AND r.count > 0
GROUP BY at, env, service, route, unit, bounds, scale
ORDER BY at, env, service, route

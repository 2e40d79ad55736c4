-- HTTP requests of each hour by environment and service. Services that reported without a request count zero; those that did not report are not there. Parameters: {from}, {to}, seconds.
SELECT
    toUnixTimestamp(r.time) AS at, l.environment AS env, l.service_name AS service,
    toFloat64(sum(r.increase)) AS value
FROM rollup_1h_now_distributions AS r
INNER JOIN series_labels AS l ON r.metric_id = l.metric_id AND r.series_id = l.series_id
WHERE r.time >= toDateTime({from:UInt32}, 'UTC') AND r.time < toDateTime({to:UInt32}, 'UTC')
    AND r.metric_id IN (SELECT metric_id FROM series WHERE metric_name IN ('http.server.request.duration', 'http.server.duration', 'http_server_request_duration', 'http_server_duration'))
    AND l.metric_name = 'http_server_duration' AND r.count > 0
GROUP BY at, env, service
ORDER BY at, env, service

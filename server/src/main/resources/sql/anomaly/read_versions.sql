-- Versions of services that reported HTTP requests in each interval. Parameters: {from}, {to}, seconds: starts of intervals.
SELECT DISTINCT toUnixTimestamp(r.time) AS at, s.environment AS env, s.service_name AS service, s.resource_map['service.version'] AS ran
FROM rollup_5m_now_distributions AS r
INNER JOIN series AS s ON r.metric_id = s.metric_id AND r.series_id = s.series_id
WHERE r.time >= toDateTime({from:UInt32}, 'UTC') AND r.time < toDateTime({to:UInt32}, 'UTC')
    AND r.metric_id IN (SELECT metric_id FROM series WHERE metric_name IN ('http.server.request.duration', 'http.server.duration', 'http_server_request_duration', 'http_server_duration'))
    AND r.count > 0 AND ran != ''
ORDER BY at, env, service, ran
LIMIT 500000

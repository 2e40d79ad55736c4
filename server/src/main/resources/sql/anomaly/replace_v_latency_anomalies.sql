-- The seed's view of hours whose latency was not as expected, the worst first: of each environment and route the interval of 5 minutes with the highest score, of its median or 95th percentile of durations in seconds, merged over all requests. stddev_latency and z_score are robust, from the same time of the days before or, where days are not alike, from the last minutes. Parameters: ${database}.
CREATE OR REPLACE VIEW ${database}.v_latency_anomalies AS
SELECT
    toDate(a.time) AS date,
    toHour(a.time) AS hour,
    a.environment AS environment,
    a.http_route AS http_route,
    argMax(a.actual, a.score) AS current_latency,
    argMax(a.expected, a.score) AS mean_latency,
    argMax(if(a.z_score = 0, 0, (a.actual - a.expected) / a.z_score), a.score) AS stddev_latency,
    argMax(a.z_score, a.score) AS z_score,
    if(countIf(a.severity = 'critical') > 0, 'critical', 'warning') AS severity,
    argMax(a.service_name, a.score) AS service_name,
    argMax(a.signal, a.score) AS signal,
    max(a.score) AS anomaly_score
FROM ${database}.anomalies AS a FINAL
WHERE a.signal IN ('latency_p50', 'latency_p95') AND a.severity IN ('warning', 'critical')
    AND a.time >= toStartOfDay(now('UTC')) - INTERVAL 7 DAY
GROUP BY date, hour, environment, http_route
ORDER BY abs(z_score) DESC

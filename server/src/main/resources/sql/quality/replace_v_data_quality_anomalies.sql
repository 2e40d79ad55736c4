-- The seed's view of values that are not as expected, of the last seven days, as the detector found them: hours whose 95th percentile of durations (seconds) was far off, by environment and route, the highest interval of each, and planes whose volume (points a second) or freshness (seconds) was (signal says which; http_route is empty then). avg_24h and stddev_24h are what was expected, and robust. Parameters: ${database}.
CREATE OR REPLACE VIEW ${database}.v_data_quality_anomalies AS
SELECT
    toDate(a.time) AS date,
    toHour(a.time) AS hour,
    a.environment AS environment,
    a.http_route AS http_route,
    argMax(a.actual, a.score) AS max_duration,
    argMax(a.expected, a.score) AS avg_24h,
    argMax(if(a.z_score = 0, 0, (a.actual - a.expected) / a.z_score), a.score) AS stddev_24h,
    a.signal AS signal,
    a.data_plane_id AS data_plane_id,
    max(a.score) AS anomaly_score
FROM ${database}.anomalies AS a FINAL
WHERE a.signal IN ('latency_p95', 'plane_volume', 'plane_freshness') AND a.severity IN ('warning', 'critical')
    AND a.time >= toStartOfDay(now('UTC')) - INTERVAL 7 DAY
GROUP BY date, hour, environment, http_route, signal, data_plane_id

-- Gauges, and sums that may fall, by hour, metric, environment, plane and service, in the base unit; of several series all values count alike. Stale markers and NaN stay out; an infinity counts, and makes the mean infinite (NaN, if both are there). Parameters: ${database}.
CREATE OR REPLACE VIEW ${database}.v_gauge_hourly AS
SELECT
    r.time AS timestamp,
    l.metric_name AS metric_name,
    l.environment AS environment,
    l.data_plane_id AS data_plane_id,
    l.service_name AS service_name,
    sum(r.count) AS value_count,
    sum((r.sum + if(isInfinite(r.min), r.min, 0.) + if(isInfinite(r.max), r.max, 0.)) / l.divisor * l.multiplier) / value_count AS mean,
    min(r.min / l.divisor * l.multiplier) AS min,
    max(r.max / l.divisor * l.multiplier) AS max,
    if(max(r.last_time) = 0, nan, argMax(r.last_value / l.divisor * l.multiplier, r.last_time)) AS last,
    uniqExact(r.metric_id, r.series_id) AS series
FROM ${database}.rollup_1h_now_numbers AS r
INNER JOIN ${database}.series_labels AS l ON r.metric_id = l.metric_id AND r.series_id = l.series_id
WHERE r.count > 0 AND (l.metric_type = 'gauge' OR (l.metric_type = 'sum' AND l.monotonic = 0 AND l.temporality != 'delta'))
    AND r.metric_id IN (SELECT metric_id FROM ${database}.series WHERE type IN ('gauge', 'sum'))
GROUP BY timestamp, metric_name, environment, data_plane_id, service_name

-- Counters by hour, metric, environment, plane and service: what came in the hour of the later of two points, in the base unit. Parameters: ${database}.
CREATE OR REPLACE VIEW ${database}.v_counter_hourly AS
SELECT
    r.time AS timestamp,
    l.metric_name AS metric_name,
    l.environment AS environment,
    l.data_plane_id AS data_plane_id,
    l.service_name AS service_name,
    sum(r.increase / l.divisor * l.multiplier) AS increase,
    increase / 3600 AS per_second,
    uniqExact(r.metric_id, r.series_id) AS series
FROM ${database}.rollup_1h_now_numbers AS r
INNER JOIN ${database}.series_labels AS l ON r.metric_id = l.metric_id AND r.series_id = l.series_id
WHERE r.last_time != 0 AND l.metric_type = 'sum' AND (l.monotonic = 1 OR l.temporality = 'delta')
    AND r.metric_id IN (SELECT metric_id FROM ${database}.series WHERE type = 'sum')
GROUP BY timestamp, metric_name, environment, data_plane_id, service_name

-- Counters by hour, metric, environment, plane and service: what came in the hour of the later of two points, in the base unit. Parameters: ${database}.
CREATE OR REPLACE VIEW ${database}.v_counter_hourly AS
SELECT
    toStartOfHour(toDateTime(i.time, 'UTC')) AS timestamp,
    l.metric_name AS metric_name,
    l.environment AS environment,
    l.data_plane_id AS data_plane_id,
    l.service_name AS service_name,
    sum(i.increase / l.divisor * l.multiplier) AS increase,
    increase / 3600 AS per_second,
    uniqExact(i.metric_id, i.series_id) AS series
FROM ${database}.counter_increases AS i
INNER JOIN ${database}.series_labels AS l ON i.metric_id = l.metric_id AND i.series_id = l.series_id
GROUP BY timestamp, metric_name, environment, data_plane_id, service_name

-- Gauges, and sums that may fall, by hour, metric, environment, plane and service, in the base unit; of several series all values count alike. Stale markers and infinities stay out. Parameters: ${database}.
CREATE OR REPLACE VIEW ${database}.v_gauge_hourly AS
SELECT
    toStartOfHour(toDateTime(d.time, 'UTC')) AS timestamp,
    d.metric_name AS metric_name,
    d.environment AS environment,
    d.data_plane_id AS data_plane_id,
    d.service_name AS service_name,
    count() AS value_count,
    avg(d.value) AS mean,
    min(d.value) AS min,
    max(d.value) AS max,
    argMax(d.value, d.time) AS last,
    uniqExact(d.metric_id, d.series_id) AS series
FROM
(
    SELECT
        p.metric_id AS metric_id, p.series_id AS series_id, p.time AS time, p.start_time AS start_time,
        argMax(p.value, (p.src, p.seq)) / any(l.divisor) * any(l.multiplier) AS value,
        any(l.metric_name) AS metric_name, any(l.environment) AS environment,
        any(l.data_plane_id) AS data_plane_id, any(l.service_name) AS service_name
    FROM ${database}.samples AS p
    INNER JOIN ${database}.series_labels AS l ON p.metric_id = l.metric_id AND p.series_id = l.series_id
    WHERE bitAnd(p.flags, 1) = 0
        AND (l.metric_type = 'gauge' OR (l.metric_type = 'sum' AND l.monotonic = 0 AND l.temporality != 'delta'))
    GROUP BY metric_id, series_id, time, start_time
    HAVING isFinite(value)
) AS d
GROUP BY timestamp, metric_name, environment, data_plane_id, service_name

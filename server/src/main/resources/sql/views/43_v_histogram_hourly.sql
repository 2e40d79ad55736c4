-- Every kind of distribution by hour, metric, environment, plane and service, in base units (seconds for durations): means are sums over counts, quantiles come from the merged buckets. Parameters: ${database}.
CREATE OR REPLACE VIEW ${database}.v_histogram_hourly AS
SELECT
    h.start AS timestamp,
    l.metric_name AS metric_name,
    l.environment AS environment,
    l.data_plane_id AS data_plane_id,
    l.service_name AS service_name,
    sum(h.events) AS event_count,
    sum(h.total) AS total,
    total / event_count AS mean,
    min(h.least) AS min,
    max(h.greatest) AS max,
    if(sum(h.spread_events) = 0, nan, quantilesExactWeightedArrayMerge(0.5, 0.95, 0.99)(h.spread)[1]) AS p50,
    if(sum(h.spread_events) = 0, nan, quantilesExactWeightedArrayMerge(0.5, 0.95, 0.99)(h.spread)[2]) AS p95,
    if(sum(h.spread_events) = 0, nan, quantilesExactWeightedArrayMerge(0.5, 0.95, 0.99)(h.spread)[3]) AS p99,
    uniqExact(h.metric_id, h.series_id) AS series
FROM ${database}.distribution_hours AS h
INNER JOIN ${database}.series_labels AS l ON h.metric_id = l.metric_id AND h.series_id = l.series_id
GROUP BY timestamp, metric_name, environment, data_plane_id, service_name

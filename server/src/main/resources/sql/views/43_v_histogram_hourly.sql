-- Every kind of distribution by hour, metric, environment, plane and service, in base units (seconds for durations): means are sums over counts, quantiles come from the merged buckets. Parameters: ${database}; ${merged}, 21_merged_distributions of hours.
CREATE OR REPLACE VIEW ${database}.v_histogram_hourly AS
SELECT
    h.start AS timestamp,
    h.metric_name AS metric_name,
    h.environment AS environment,
    h.data_plane_id AS data_plane_id,
    h.service_name AS service_name,
    h.events AS event_count,
    h.total AS total,
    h.total / h.events AS mean,
    h.least AS min,
    h.greatest AS max,
    h.quantiles[1] AS p50,
    h.quantiles[2] AS p95,
    h.quantiles[3] AS p99,
    h.series AS series
FROM (${merged}) AS h

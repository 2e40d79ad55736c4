-- Costs by day and service. active_series, hot_bytes and lake_bytes are means over the day's hours, or those that are over today. Parameters: ${database}.
CREATE OR REPLACE VIEW ${database}.v_cost_daily AS
SELECT
    toDate(period_start) AS date,
    data_plane_id,
    environment,
    service_name,
    sumIf(quantity, meter = 'samples') AS samples,
    sumIf(quantity, meter = 'active_series_hours') / hours AS active_series,
    sumIf(quantity, meter = 'engine_byte_hours') / hours AS hot_bytes,
    sumIf(quantity, meter = 'lake_byte_hours') / hours AS lake_bytes,
    sumIf(quantity, meter = 'query_microseconds') / 1e6 AS query_seconds,
    sum(v.cost) AS cost,
    any(v.currency) AS currency
FROM ${database}.v_cost_attribution AS v
GROUP BY
    date, data_plane_id, environment, service_name,
    greatest(1, least(24, dateDiff('hour', toDateTime(date, 'UTC'), now('UTC')) + 1)) AS hours

-- What was metered of each group in each hour (days, once they are old), and what it costs by today's prices. Parameters: ${database}.
CREATE OR REPLACE VIEW ${database}.v_cost_attribution AS
SELECT
    q.period AS period_start,
    q.period + toIntervalSecond(q.seconds) AS period_end,
    q.data_plane_id AS data_plane_id,
    q.environment AS environment,
    q.service_name AS service_name,
    q.metric_name AS metric_name,
    q.meter AS meter,
    q.quantity AS quantity,
    p.unit AS unit,
    toFloat64(p.price) / p.per AS unit_price,
    q.quantity * toFloat64(p.price) / p.per AS cost,
    p.currency AS currency,
    q.team AS team,
    q.source AS source
FROM (SELECT * FROM ${database}.firn_cost_quantities FINAL) AS q
INNER JOIN (SELECT * FROM ${database}.firn_cost_prices FINAL) AS p ON q.meter = p.meter
WHERE q.quantity != 0

-- Metrics with points in the last seven days that nobody asked for by name in the last 30 days, and what they cost this month; asked_since: the first hour in which asking was counted, so that less than 30 days known can be told. Parameters: ${database}.
CREATE OR REPLACE VIEW ${database}.v_cost_unasked AS
SELECT
    s.metric_name AS metric_name,
    s.series AS series,
    c.cost AS cost,
    c.currency AS currency,
    (
        SELECT if(count() = 0, now('UTC'), min(period))
        FROM ${database}.firn_cost_quantities
        WHERE meter = 'query_microseconds'
    ) AS asked_since
FROM
(
    SELECT CAST(metric_name, 'String') AS metric_name, count() AS series
    FROM (SELECT * FROM ${database}.series FINAL)
    WHERE last_seen >= toDate(now('UTC')) - 7
    GROUP BY metric_name
) AS s
LEFT JOIN
(
    SELECT CAST(metric_name, 'String') AS metric_name, sum(v.cost) AS cost, any(v.currency) AS currency
    FROM ${database}.v_cost_attribution AS v
    WHERE v.period_start >= toStartOfMonth(now('UTC'))
    GROUP BY metric_name
) AS c ON s.metric_name = c.metric_name
WHERE s.metric_name NOT IN (SELECT metric_name FROM ${database}.v_cost_asked)

-- Of each meter and day: all of it, and the shares that are somebody's, overhead, idle and nobody's; the shares add up to the whole. Parameters: ${database}.
CREATE OR REPLACE VIEW ${database}.v_cost_coverage AS
SELECT
    toDate(period_start) AS date,
    meter,
    sum(quantity) AS total,
    sumIf(quantity, metric_name NOT IN ('__overhead__', '__idle__', '__unattributed__', '__overflow__')) AS attributed,
    sumIf(quantity, metric_name = '__overhead__') AS overhead,
    sumIf(quantity, metric_name = '__idle__') AS idle,
    sumIf(quantity, metric_name IN ('__unattributed__', '__overflow__')) AS unattributed
FROM ${database}.v_cost_attribution
GROUP BY date, meter

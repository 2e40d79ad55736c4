-- What was metered this calendar month, and what it costs, the dearest first. Parameters: none.
SELECT
    meter, sum(quantity) AS metered, any(unit) AS unit, sum(cost) AS costs, any(currency) AS currency,
    100 * sumIf(quantity, metric_name NOT LIKE '\\_\\_%') / sum(quantity) AS attributed_percent
FROM v_cost_attribution
WHERE period_start >= toStartOfMonth(now('UTC'))
GROUP BY meter
ORDER BY costs DESC, meter

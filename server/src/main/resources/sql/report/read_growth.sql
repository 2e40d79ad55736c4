-- Each of the last thirty days: points and their bytes as sent, series active, and what was stored in the mean. Parameters: none.
SELECT
    toString(date) AS day, sum(v.samples) AS points, sum(active_series) AS series, sum(hot_bytes) AS engine_bytes, sum(v.lake_bytes) AS lake_bytes,
    sum(v.cost) AS costs
FROM v_cost_daily AS v
WHERE date > toDate(now('UTC')) - 30
GROUP BY date
ORDER BY date

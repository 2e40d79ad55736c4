-- Whose cost it was from a day on, to the day after another, the dearest first. Parameters: ${from}, ${day}.
SELECT environment, service_name, sum(v.cost) AS costs, any(currency) AS currency, sum(samples) AS samples, avg(active_series) AS active_series, sum(query_seconds) AS query_seconds
FROM v_cost_daily AS v
WHERE date BETWEEN '${from}' AND '${day}'
GROUP BY environment, service_name
ORDER BY costs DESC, samples DESC, environment, service_name
LIMIT 30

-- Points of each hour of a day, and the series they are of. Parameters: ${day}.
SELECT formatDateTime(period_start, '%H:%i') AS hour, sumIf(quantity, meter = 'samples') AS points, sumIf(quantity, meter = 'active_series_hours') AS series
FROM v_cost_attribution
WHERE period_start >= toDateTime('${day} 00:00:00', 'UTC') AND period_start < toDateTime('${day} 00:00:00', 'UTC') + INTERVAL 1 DAY AND period_end = period_start + INTERVAL 1 HOUR
GROUP BY hour
ORDER BY hour

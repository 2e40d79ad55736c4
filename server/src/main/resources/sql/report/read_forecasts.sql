-- The newest daily forecasts of all environments together: in seven and thirty days. Parameters: none.
SELECT signal, toString(toDate(target_time)) AS day, value, low95, high95, model
FROM forecasts FINAL
WHERE step = 'day' AND environment = '' AND service_name = '' AND (signal, issued_at) IN (SELECT signal, max(issued_at) FROM forecasts WHERE step = 'day' GROUP BY signal)
    AND dateDiff('day', toDate(issued_at), toDate(target_time)) IN (6, 29)
ORDER BY signal, day

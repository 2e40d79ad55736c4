-- The disk under the engine: its room, and in how many days it is full if it goes on as forecast, by what Firn keeps or, until that is forecast, by what it takes in (nothing: not within the forecast, or none yet). Parameters: none.
WITH
    (SELECT min(unreserved_space) FROM system.disks) AS room,
    (
        SELECT argMin(grown, signal)
        FROM
        (
            SELECT signal, arrayMap(day -> day.2, arraySort(groupArray((target_time, value)))) AS days, if(signal = 'disk', arrayMap(day -> day - days[1], days), arrayCumSum(days)) AS grown
            FROM forecasts FINAL
            WHERE step = 'day' AND environment = '' AND service_name = '' AND signal IN ('disk', 'storage')
                AND (signal, issued_at) IN (SELECT signal, max(issued_at) FROM forecasts WHERE step = 'day' GROUP BY signal)
            GROUP BY signal
        )
    ) AS grown
SELECT
    name AS disk, free_space AS free_bytes, total_space AS total_bytes, 100 * (1 - free_space / total_space) AS used_percent,
    if(empty(grown), NULL, length(grown)) AS forecast_days,
    if(empty(grown), NULL, grown[-1]) AS growth_forecast_bytes,
    nullIf(arrayFirstIndex(sum -> sum >= room, grown), 0) - 1 AS days_until_full
FROM system.disks

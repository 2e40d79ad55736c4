-- Cumulative counters and gauges of two decimals, as fill_histograms. Parameters: ${database}; ${series}; ${from}; ${step}; ${first}, ${steps}.
INSERT INTO ${database}.samples (metric_id, series_id, time, start_time, value, value_int, flags, src, seq, retention_days)
WITH
    intDiv(number, ${steps}) AS place,
    intDiv(place, 5) * 10 + 5 + place % 5 AS k,
    ${first} + number % ${steps} AS step,
    k % 10 < 8 AS counter
SELECT
    if(counter, 102, 103),
    reinterpretAsInt64(cityHash64(k)),
    fromUnixTimestamp64Milli(toInt64(${from} * 1000 + step * ${step} + k % 1000 + cityHash64(number, 1) % 4), 'UTC'),
    if(counter, toDateTime64(${from}, 3, 'UTC'), toDateTime64(0, 3, 'UTC')),
    if(counter, step * (20 + k % 50) + cityHash64(number) % 20, 1e8 + k * 1e5 + round(1e6 * sin(step / 50 + k), 2)),
    0, 0, 'bench', 1, 90
FROM numbers_mt(intDiv(${series}, 10) * 5 * ${steps})
SETTINGS max_insert_threads = 1

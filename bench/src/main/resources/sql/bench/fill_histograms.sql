-- Cumulative histograms with 14 bounds, clocks off by some milliseconds, over 30 days up to now. Parameters: ${database}; ${series}, how many there are of all kinds; ${from}, seconds; ${step}, milliseconds; ${first}, ${steps} of them.
INSERT INTO ${database}.histograms (metric_id, series_id, time, start_time, count, sum, has, bounds, bucket_counts, flags, src, seq, retention_days)
WITH
    intDiv(number, ${steps}) AS place,
    intDiv(place, 5) * 10 + place % 5 AS k,
    ${first} + number % ${steps} AS step,
    step * (20 + k % 50) + cityHash64(number) % 20 AS n,
    [60, 130, 300, 520, 640, 720, 860, 930, 955, 970, 988, 995, 998, 999, 1000] AS shares
SELECT
    101,
    reinterpretAsInt64(cityHash64(k)),
    fromUnixTimestamp64Milli(toInt64(${from} * 1000 + step * ${step} + k % 1000 + cityHash64(number, 1) % 4), 'UTC'),
    toDateTime64(${from}, 3, 'UTC'),
    n,
    n * 0.0625 * (1 + k % 5),
    1,
    [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
    arrayMap((share, before) -> intDiv(n * share, 1000) - intDiv(n * before, 1000), shares, arrayPushFront(arrayPopBack(shares), 0)),
    0, 'bench', 1, 90
FROM numbers_mt(intDiv(${series}, 10) * 5 * ${steps})
SETTINGS max_insert_threads = 1

-- Rolls explicit histograms up into windows, one row a series and window; where bounds change, on those in common. Parameters: ${database}; ${slot}, start of the window of a point `at`; ${live}, condition on (metric_id, series_id, time) of the points read; ${before}, ${recent}, the same of the rows of rollup_5m before them, all and the newest; ${age_max}, ms, of a first point that counts in full.
WITH
    -- Counts of buckets with bounds `b` on those of them that `on` names.
    (n, b, on) -> arrayResize(if(b = on, arrayMap(x -> toInt64(x), n), arrayPopFront(arrayDifference(arrayMap(x -> toInt64(x), arrayPushFront(
        arrayPushBack(arrayMap(x -> arrayCumSum(n)[indexOf(b, x)], on), arraySum(n)), 0))))), length(on) + 1) AS onto,
    points AS
    (
        SELECT
            metric_id, series_id, at, began,
            won.1 AS c,
            won.2 AS s,
            won.3 AS b,
            won.4 AS n,
            won.5 AS sent,
            won.6 AS low,
            won.7 AS high,
            bitAnd(won.8, 1) = 1 AS stale,
            bitAnd(won.8, 67108864) > 0 AS unknown_start,
            won.9 AS days,
            dropped, conflict, 0 AS is_base
        FROM
        (
            SELECT
                metric_id, series_id, time AS at, start_time AS began,
                argMax((count, sum, bounds, if(empty(bucket_counts), [count], bucket_counts), has, min, max, flags, retention_days), (src, seq, cityHash64(flags, count, reinterpretAsUInt64(sum), bounds, if(empty(bucket_counts), [count], bucket_counts), has, min, max))) AS won,
                toUInt64(count() - 1) AS dropped,
                toUInt64(min(cityHash64(flags, count, reinterpretAsUInt64(sum), bounds, if(empty(bucket_counts), [count], bucket_counts), has, min, max)) != max(cityHash64(flags, count, reinterpretAsUInt64(sum), bounds, if(empty(bucket_counts), [count], bucket_counts), has, min, max))) AS conflict
            FROM ${database}.histograms
            WHERE ${live}
            GROUP BY metric_id, series_id, time, start_time
        )
    ),
    bases AS
    (
        SELECT metric_id, series_id, argMax((last_time, last_start, last_count, last_value, last_bounds, last_buckets), time) AS last
        FROM ${database}.rollup_5m FINAL
        WHERE ${recent} AND last_time != 0
        GROUP BY metric_id, series_id
        UNION ALL
        SELECT metric_id, series_id, argMax((last_time, last_start, last_count, last_value, last_bounds, last_buckets), time) AS last
        FROM ${database}.rollup_5m FINAL
        WHERE ${before} AND last_time != 0
            AND (metric_id, series_id) IN
            (
                SELECT metric_id, series_id FROM ${database}.histograms
                WHERE ${live}
                    AND (metric_id, series_id) NOT IN (SELECT metric_id, series_id FROM ${database}.rollup_5m FINAL WHERE ${recent} AND last_time != 0)
            )
        GROUP BY metric_id, series_id
    ),
    kinds AS
    (
        SELECT metric_id, series_id, any(temporality = 'delta') AS delta
        FROM ${database}.series
        GROUP BY metric_id, series_id
    ),
    chained AS
    (
        SELECT
            *,
            NOT stale AS usable,
            lagInFrame((at, began, c, s, b, n, sent, low, high)) OVER
            (
                PARTITION BY metric_id, series_id, usable ORDER BY at, began
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS previous,
            previous.1 != 0 AS known,
            toUnixTimestamp64Milli(at) - toUnixTimestamp64Milli(began) AS age
        FROM
        (
            SELECT metric_id, series_id, at, began, c, s, b, n, sent, low, high, stale, unknown_start, days, dropped, conflict, is_base FROM points
            UNION ALL
            SELECT metric_id, series_id, last.1, last.2, last.3, last.4, last.5, last.6, 0, 0., 0., 0, 0, 0, 0, 0, 1 FROM bases
        )
    ),
    shared AS
    (
        SELECT
            *,
            if(known AND NOT delta, arrayFilter(x -> has(previous.5, x), b), b) AS on_both
        FROM chained
        LEFT ANY JOIN kinds USING (metric_id, series_id)
        WHERE is_base = 0
    ),
    differing AS
    (
        SELECT
            *,
            if(known AND NOT delta, arrayMap((x, y) -> x - y, onto(n, b, on_both), onto(previous.6, previous.5, on_both)), []) AS gained
        FROM shared
    ),
    told AS
    (
        SELECT
            *,
            ${slot} AS slot,
            multiIf(
                NOT usable, 'none',
                delta, 'full',
                unknown_start, 'unknown',
                NOT known, if(began != 0 AND (age <= ${age_max} OR (metric_id, series_id, at) IN (SELECT metric_id, series_id, time FROM ${database}.firn_rollup_firsts WHERE watched = 1)), 'full', 'unknown'),
                began != 0 AND began > if(previous.2 != 0, previous.2, previous.1), 'reset',
                c < previous.3, 'reset',
                arrayExists(x -> x < 0, gained), 'reset',
                'difference') AS how
        FROM differing
    ),
    counted AS
    (
        SELECT
            *,
            multiIf(how IN ('full', 'reset'), toInt64(c), how = 'difference', toInt64(c) - toInt64(previous.3), 0) AS came,
            multiIf(how IN ('full', 'reset'), s, how = 'difference', s - previous.4, 0) AS sum_came,
            if(how = 'difference', (on_both, gained), (b, if(how = 'unknown', arrayMap(x -> toInt64(0), n), arrayMap(x -> toInt64(x), n)))) AS part
        FROM told
    ),
    gathered AS
    (
        SELECT
            metric_id,
            series_id,
            slot AS time,
            countIf(usable) AS count,
            if(countIf(usable AND bitAnd(sent, 2) > 0) = 0, nan, minIf(low, usable AND bitAnd(sent, 2) > 0)) AS min,
            if(countIf(usable AND bitAnd(sent, 4) > 0) = 0, nan, maxIf(high, usable AND bitAnd(sent, 4) > 0)) AS max,
            argMinIf((at, began, s, c), (at, began), usable) AS first,
            argMaxIf((at, began, s, c, b, n, sent, low, high), (at, began), usable) AS last,
            countIf(stale) AS stale_count,
            toFloat64(sum(came)) AS increase,
            sumKahanIf(sum_came, isFinite(sum_came)) AS sum_increase,
            sum(dropped) AS duplicates,
            sum(conflict) AS conflicts,
            countIf(how = 'unknown') AS unknown_baselines,
            countIf(how = 'reset') AS resets,
            max(days) AS retention_days,
            groupArrayIf(part, usable) AS parts
        FROM counted
        GROUP BY metric_id, series_id, time
    )
SELECT
    metric_id,
    series_id,
    time,
    count,
    toFloat64(0) AS sum,
    min,
    max,
    first.1 AS first_time,
    first.2 AS first_start,
    first.3 AS first_value,
    first.4 AS first_count,
    last.1 AS last_time,
    last.2 AS last_start,
    last.3 AS last_value,
    last.4 AS last_count,
    toUInt64(0) AS nan_count,
    stale_count,
    increase,
    sum_increase,
    duplicates,
    conflicts,
    unknown_baselines,
    resets,
    retention_days,
    bounds,
    arrayMap(x -> toUInt64(x), arrayReduce('sumForEach', arrayMap(p -> onto(p.2, p.1, bounds), parts))) AS buckets,
    last.5 AS last_bounds,
    last.6 AS last_buckets
FROM (SELECT *, arrayFilter(x -> arrayAll(p -> has(p.1, x), parts), parts[1].1) AS bounds FROM gathered)

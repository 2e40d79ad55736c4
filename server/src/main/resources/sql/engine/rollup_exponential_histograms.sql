-- Rolls exponential histograms up into windows, one row a series and window, at the least scale met. Parameters: ${database}; ${slot}, start of the window of a point `at`; ${live}, condition on (metric_id, series_id, time) of the points read; ${before}, ${recent}, the same of the rows of rollup_5m before them, all and the newest; ${age_max}, ms, of a first point that counts in full.
WITH
    -- Index of bucket `i` (from 1) after an offset, at a scale lower by `down`.
    (i, offset, down) -> toInt32(floor((offset + i - 1) / exp2(down))) AS at_scale,
    -- So many halvings keep what is merged within 16,384 buckets, wherever it lies.
    (m) -> if(empty(m.1) OR m.1[-1] - m.1[1] < 16384, 0, toInt32(ceil(log2((m.1[-1] - m.1[1]) / 16383)))) AS halvings,
    (m, down) -> if(down = 0, m, arrayReduce('sumMap', [arrayMap(k -> at_scale(1, k, down), m.1)], [m.2])) AS halved,
    -- Dense counts from the least key to the greatest.
    (m) -> if(empty(m.1), [], arrayMap(k -> toUInt64(greatest(0, m.2[indexOf(m.1, k)])), range(m.1[1], m.1[-1] + 1))) AS dense,
    points AS
    (
        SELECT
            metric_id, series_id, at, began,
            won.1 AS c,
            won.2 AS s,
            won.3 AS sc,
            won.4 AS z,
            won.5 AS zt,
            won.6 AS po,
            won.7 AS pn,
            won.8 AS no,
            won.9 AS nn,
            won.10 AS sent,
            won.11 AS low,
            won.12 AS high,
            bitAnd(won.13, 1) = 1 AS stale,
            bitAnd(won.13, 67108864) > 0 AS unknown_start,
            won.14 AS days,
            dropped, conflict, 0 AS is_base
        FROM
        (
            SELECT
                metric_id, series_id, time AS at, start_time AS began,
                argMax((count, sum, scale, zero_count, zero_threshold, positive_offset, positive_counts, negative_offset, negative_counts, has, min, max, flags, retention_days), (src, seq, cityHash64(flags, count, reinterpretAsUInt64(sum), scale, zero_count, zero_threshold, positive_offset, positive_counts, negative_offset, negative_counts, has, min, max))) AS won,
                toUInt64(count() - 1) AS dropped,
                toUInt64(min(cityHash64(flags, count, reinterpretAsUInt64(sum), scale, zero_count, zero_threshold, positive_offset, positive_counts, negative_offset, negative_counts, has, min, max)) != max(cityHash64(flags, count, reinterpretAsUInt64(sum), scale, zero_count, zero_threshold, positive_offset, positive_counts, negative_offset, negative_counts, has, min, max))) AS conflict
            FROM ${database}.exponential_histograms
            WHERE ${live}
            GROUP BY metric_id, series_id, time, start_time
        )
    ),
    bases AS
    (
        SELECT metric_id, series_id, argMax((last_time, last_start, last_count, last_value, last_scale, last_zero_count, last_zero_threshold, last_positive_offset, last_positive_buckets, last_negative_offset, last_negative_buckets), time) AS last
        FROM ${database}.rollup_5m FINAL
        WHERE ${recent} AND last_time != 0
        GROUP BY metric_id, series_id
        UNION ALL
        SELECT metric_id, series_id, argMax((last_time, last_start, last_count, last_value, last_scale, last_zero_count, last_zero_threshold, last_positive_offset, last_positive_buckets, last_negative_offset, last_negative_buckets), time) AS last
        FROM ${database}.rollup_5m FINAL
        WHERE ${before} AND last_time != 0
            AND (metric_id, series_id) IN
            (
                SELECT metric_id, series_id FROM ${database}.exponential_histograms
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
            lagInFrame((at, began, c, s, sc, z, zt, po, pn, no, nn, sent, low, high)) OVER
            (
                PARTITION BY metric_id, series_id, usable ORDER BY at, began
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS previous,
            previous.1 != 0 AS known,
            toUnixTimestamp64Milli(at) - toUnixTimestamp64Milli(began) AS age
        FROM
        (
            SELECT metric_id, series_id, at, began, c, s, sc, z, zt, po, pn, no, nn, sent, low, high, stale, unknown_start, days, dropped, conflict, is_base FROM points
            UNION ALL
            SELECT metric_id, series_id, last.1, last.2, last.3, last.4, last.5, last.6, last.7, last.8, last.9, last.10, last.11, 0, 0., 0., 0, 0, 0, 0, 0, 1 FROM bases
        )
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
                'difference') AS how
        FROM chained
        LEFT ANY JOIN kinds USING (metric_id, series_id)
        WHERE is_base = 0
    ),
    counted AS
    (
        SELECT
            *,
            multiIf(how IN ('full', 'reset'), toInt64(c), how = 'difference', toInt64(c) - toInt64(previous.3), 0) AS came,
            multiIf(how IN ('full', 'reset'), s, how = 'difference', s - previous.4, 0) AS sum_came,
            how = 'difference' AS less,
            min(if(usable, if(less, least(sc, previous.5), sc), toInt32(2147483647))) OVER (PARTITION BY metric_id, series_id, slot ORDER BY usable, at, began ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS least_scale
        FROM told
    ),
    scaled AS
    (
        SELECT
            *,
            multiIf(how IN ('full', 'reset'), toInt64(z), less, toInt64(z) - toInt64(previous.6), 0) AS zero_came,
            how IN ('full', 'reset', 'difference') AS adds,
            (
                arrayConcat(
                    arrayMap(i -> at_scale(i, po, sc - least_scale), if(adds, arrayEnumerate(pn), [])),
                    arrayMap(i -> at_scale(i, previous.8, previous.5 - least_scale), if(less, arrayEnumerate(previous.9), []))),
                arrayConcat(
                    arrayMap(x -> toInt64(x), if(adds, pn, [])),
                    arrayMap(x -> -toInt64(x), if(less, previous.9, [])))
            ) AS positive,
            (
                arrayConcat(
                    arrayMap(i -> at_scale(i, no, sc - least_scale), if(adds, arrayEnumerate(nn), [])),
                    arrayMap(i -> at_scale(i, previous.10, previous.5 - least_scale), if(less, arrayEnumerate(previous.11), []))),
                arrayConcat(
                    arrayMap(x -> toInt64(x), if(adds, nn, [])),
                    arrayMap(x -> -toInt64(x), if(less, previous.11, [])))
            ) AS negative
        FROM counted
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
            argMaxIf((at, began, s, c, sc, z, zt, po, pn, no, nn, sent, low, high), (at, began), usable) AS last,
            countIf(stale) AS stale_count,
            toFloat64(sum(came)) AS increase,
            sumKahanIf(sum_came, isFinite(sum_came)) AS sum_increase,
            sum(dropped) AS duplicates,
            sum(conflict) AS conflicts,
            countIf(how = 'unknown') AS unknown_baselines,
            countIf(how = 'reset') AS resets,
            max(days) AS retention_days,
            toUInt64(greatest(0, sum(zero_came))) AS zero_count,
            maxIf(zt, usable) AS zero_threshold,
            min(least_scale) AS common_scale,
            sumMap(positive.1, positive.2) AS spread_positives,
            sumMap(negative.1, negative.2) AS spread_negatives
        FROM scaled
        GROUP BY metric_id, series_id, time
    ),
    narrowed AS
    (
        SELECT *, greatest(halvings(spread_positives), halvings(spread_negatives)) AS narrower FROM gathered
    ),
    merged AS
    (
        SELECT *, halved(spread_positives, narrower) AS positives, halved(spread_negatives, narrower) AS negatives FROM narrowed
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
    zero_count,
    zero_threshold,
    if(count = 0, 0, common_scale - narrower) AS scale,
    if(empty(positives.1), 0, positives.1[1]) AS positive_offset,
    dense(positives) AS positive_buckets,
    if(empty(negatives.1), 0, negatives.1[1]) AS negative_offset,
    dense(negatives) AS negative_buckets,
    last.5 AS last_scale,
    last.6 AS last_zero_count,
    last.7 AS last_zero_threshold,
    last.8 AS last_positive_offset,
    last.9 AS last_positive_buckets,
    last.10 AS last_negative_offset,
    last.11 AS last_negative_buckets
FROM merged

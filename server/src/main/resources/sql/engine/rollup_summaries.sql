-- Rolls counts and sums of summaries up into windows, one row a series and window. Parameters: ${database}; ${slot}, start of the window of a point `at`; ${live}, condition on (metric_id, series_id, time) of the points read; ${before}, ${recent}, the same of the rows of rollup_5m before them, all and the newest; ${age_max}, ms, of a first point that counts in full.
WITH
    points AS
    (
        SELECT
            metric_id, series_id, at, began,
            won.1 AS c,
            won.2 AS s,
            bitAnd(won.3, 1) = 1 AS stale,
            bitAnd(won.3, 67108864) > 0 AS unknown_start,
            won.4 AS days,
            dropped, conflict, 0 AS is_base
        FROM
        (
            SELECT
                metric_id, series_id, time AS at, start_time AS began,
                argMax((count, sum, flags, retention_days), (src, seq, cityHash64(flags, count, reinterpretAsUInt64(sum)))) AS won,
                toUInt64(count() - 1) AS dropped,
                toUInt64(min(cityHash64(flags, count, reinterpretAsUInt64(sum))) != max(cityHash64(flags, count, reinterpretAsUInt64(sum)))) AS conflict
            FROM ${database}.summaries
            WHERE ${live}
            GROUP BY metric_id, series_id, time, start_time
        )
    ),
    bases AS
    (
        SELECT metric_id, series_id, argMax((last_time, last_start, last_count, last_value), time) AS last
        FROM ${database}.rollup_5m FINAL
        WHERE ${recent} AND last_time != 0
        GROUP BY metric_id, series_id
        UNION ALL
        SELECT metric_id, series_id, argMax((last_time, last_start, last_count, last_value), time) AS last
        FROM ${database}.rollup_5m FINAL
        WHERE ${before} AND last_time != 0
            AND (metric_id, series_id) IN
            (
                SELECT metric_id, series_id FROM ${database}.summaries
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
            lagInFrame((at, began, c, s)) OVER
            (
                PARTITION BY metric_id, series_id, usable ORDER BY at, began
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS previous,
            previous.1 != 0 AS known,
            toUnixTimestamp64Milli(at) - toUnixTimestamp64Milli(began) AS age
        FROM
        (
            SELECT metric_id, series_id, at, began, c, s, stale, unknown_start, days, dropped, conflict, is_base FROM points
            UNION ALL
            SELECT metric_id, series_id, last.1, last.2, last.3, last.4, 0, 0, 0, 0, 0, 1 FROM bases
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
            multiIf(how IN ('full', 'reset'), s, how = 'difference', s - previous.4, 0) AS sum_came
        FROM told
    )
SELECT
    metric_id,
    series_id,
    time,
    count,
    toFloat64(0) AS sum,
    nan AS min,
    nan AS max,
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
    retention_days
FROM
(
    SELECT
        metric_id,
        series_id,
        slot AS time,
        countIf(usable) AS count,
        argMinIf((at, began, s, c), (at, began), usable) AS first,
        argMaxIf((at, began, s, c), (at, began), usable) AS last,
        countIf(stale) AS stale_count,
        toFloat64(sum(came)) AS increase,
        sumKahanIf(sum_came, isFinite(sum_came)) AS sum_increase,
        sum(dropped) AS duplicates,
        sum(conflict) AS conflicts,
        countIf(how = 'unknown') AS unknown_baselines,
        countIf(how = 'reset') AS resets,
        max(days) AS retention_days
    FROM counted
    GROUP BY metric_id, series_id, time
)

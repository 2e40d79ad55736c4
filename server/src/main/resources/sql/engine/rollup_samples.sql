-- Rolls numbers up into windows of 5 minutes, one row a series and window. Parameters: ${database}; ${live}, condition on (metric_id, series_id, time) of the points read; ${before}, ${recent}, the same of the rows of rollup_5m before them, all and the newest; ${age_max}, ms, of a first point that counts in full.
WITH
    points AS
    (
        SELECT
            metric_id, series_id, at, began,
            won.1 AS v,
            bitAnd(won.2, 1) = 1 AS stale,
            bitAnd(won.2, 67108864) > 0 AS unknown_start,
            won.3 AS days,
            dropped, conflict, 0 AS is_base
        FROM
        (
            SELECT
                metric_id, series_id, time AS at, start_time AS began,
                argMax((value, flags, retention_days), (src, seq, flags, reinterpretAsUInt64(value))) AS won,
                toUInt64(count() - 1) AS dropped,
                toUInt64(min((flags, reinterpretAsUInt64(value))) != max((flags, reinterpretAsUInt64(value)))) AS conflict
            FROM ${database}.samples
            WHERE ${live}
            GROUP BY metric_id, series_id, time, start_time
        )
    ),
    bases AS
    (
        SELECT metric_id, series_id, argMax((last_time, last_start, last_value), time) AS last
        FROM ${database}.rollup_5m FINAL
        WHERE ${recent} AND last_time != 0
        GROUP BY metric_id, series_id
        UNION ALL
        SELECT metric_id, series_id, argMax((last_time, last_start, last_value), time) AS last
        FROM ${database}.rollup_5m FINAL
        WHERE ${before} AND last_time != 0
            AND (metric_id, series_id) IN
            (
                SELECT metric_id, series_id FROM ${database}.samples
                WHERE ${live}
                    AND (metric_id, series_id) NOT IN (SELECT metric_id, series_id FROM ${database}.rollup_5m FINAL WHERE ${recent} AND last_time != 0)
            )
        GROUP BY metric_id, series_id
    ),
    kinds AS
    (
        SELECT
            metric_id, series_id,
            any(temporality = 'delta') AS delta,
            any(type = 'sum' AND (temporality = 'delta' OR monotonic = 1)) AS counts
        FROM ${database}.series
        GROUP BY metric_id, series_id
    ),
    chained AS
    (
        SELECT
            *,
            NOT stale AND isFinite(v) AS usable,
            lagInFrame((at, began, v)) OVER
            (
                PARTITION BY metric_id, series_id, usable ORDER BY at, began
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS previous,
            previous.1 != 0 AS known,
            toUnixTimestamp64Milli(at) - toUnixTimestamp64Milli(began) AS age
        FROM
        (
            SELECT metric_id, series_id, at, began, v, stale, unknown_start, days, dropped, conflict, is_base FROM points
            UNION ALL
            SELECT metric_id, series_id, last.1, last.2, last.3, 0, 0, 0, 0, 0, 1 FROM bases
        )
    ),
    told AS
    (
        SELECT
            *,
            multiIf(
                NOT counts OR NOT usable, 'none',
                delta, 'full',
                unknown_start, 'unknown',
                NOT known, if(began != 0 AND (age <= ${age_max} OR (metric_id, series_id, at) IN (SELECT metric_id, series_id, time FROM ${database}.firn_rollup_firsts WHERE watched = 1)), 'full', 'unknown'),
                began != 0 AND began > if(previous.2 != 0, previous.2, previous.1), 'reset',
                v < previous.3, 'reset',
                'difference') AS how
        FROM chained
        LEFT ANY JOIN kinds USING (metric_id, series_id)
        WHERE is_base = 0
    )
SELECT
    metric_id,
    series_id,
    time,
    count,
    sum,
    if(count = 0, nan, low) AS min,
    if(count = 0, nan, high) AS max,
    first.1 AS first_time,
    first.2 AS first_start,
    first.3 AS first_value,
    toUInt64(0) AS first_count,
    last.1 AS last_time,
    last.2 AS last_start,
    last.3 AS last_value,
    toUInt64(0) AS last_count,
    nan_count,
    stale_count,
    increase,
    toFloat64(0) AS sum_increase,
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
        toStartOfFiveMinutes(toDateTime(at, 'UTC')) AS time,
        countIf(NOT stale AND NOT isNaN(v)) AS count,
        sumKahanIf(v, usable) AS sum,
        minIf(v, NOT stale AND NOT isNaN(v)) AS low,
        maxIf(v, NOT stale AND NOT isNaN(v)) AS high,
        argMinIf((at, began, v), (at, began), usable) AS first,
        argMaxIf((at, began, v), (at, began), usable) AS last,
        countIf(NOT stale AND isNaN(v)) AS nan_count,
        countIf(stale) AS stale_count,
        sumKahan(multiIf(how IN ('full', 'reset'), v, how = 'difference', v - previous.3, 0)) AS increase,
        sum(dropped) AS duplicates,
        sum(conflict) AS conflicts,
        countIf(how = 'unknown') AS unknown_baselines,
        countIf(how = 'reset') AS resets,
        max(days) AS retention_days
    FROM told
    GROUP BY metric_id, series_id, time
)

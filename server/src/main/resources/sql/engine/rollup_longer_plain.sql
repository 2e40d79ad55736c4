-- Rows of a longer window, merged from rows of shorter ones, of series without buckets. Parameters: ${source}, table; ${window}, function that rounds time down; ${live}, condition on (metric_id, series_id, time), whole windows; ${keep_days}.
SELECT
    metric_id,
    series_id,
    time,
    count,
    sum,
    min,
    max,
    first.1 AS first_time, first.2 AS first_start, first.3 AS first_value, first.4 AS first_count,
    last.1 AS last_time, last.2 AS last_start, last.3 AS last_value, last.4 AS last_count,
    nan_count,
    stale_count,
    increase,
    sum_increase,
    duplicates,
    conflicts,
    unknown_baselines,
    resets,
    toUInt16(${keep_days}) AS retention_days
FROM
(
    SELECT
        metric_id,
        series_id,
        slot AS time,
        sum(r.count) AS count,
        sumKahan(r.sum) AS sum,
        if(countIf(NOT isNaN(r.min)) = 0, nan, minIf(r.min, NOT isNaN(r.min))) AS min,
        if(countIf(NOT isNaN(r.max)) = 0, nan, maxIf(r.max, NOT isNaN(r.max))) AS max,
        argMinIf((r.first_time, r.first_start, r.first_value, r.first_count), r.time, r.last_time != 0) AS first,
        argMaxIf((r.last_time, r.last_start, r.last_value, r.last_count), r.time, r.last_time != 0) AS last,
        sum(r.nan_count) AS nan_count,
        sum(r.stale_count) AS stale_count,
        sumKahan(r.increase) AS increase,
        sumKahan(r.sum_increase) AS sum_increase,
        sum(r.duplicates) AS duplicates,
        sum(r.conflicts) AS conflicts,
        sum(r.unknown_baselines) AS unknown_baselines,
        sum(r.resets) AS resets
    FROM
    (
        SELECT
            metric_id, series_id, time, count, sum, min, max, first_time, first_start, first_value, first_count,
            last_time, last_start, last_value, last_count, nan_count, stale_count, increase, sum_increase,
            duplicates, conflicts, unknown_baselines, resets,
            toDateTime(${window}(time), 'UTC') AS slot
        FROM ${source}
        WHERE ${live}
        ORDER BY metric_id, series_id, time
    ) AS r
    GROUP BY metric_id, series_id, slot
)

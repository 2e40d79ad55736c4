-- Rows of a longer window, merged from rows of shorter ones. Parameters: ${source}, table; ${window}, function that rounds time down; ${live}, condition on (metric_id, series_id, time), whole windows; ${keep_days}.
WITH
    (n, b, on) -> if(b = on, arrayMap(x -> toUInt64(x), n), arrayMap(x -> toUInt64(x), arrayPopFront(arrayDifference(arrayMap(x -> toInt64(x), arrayPushFront(
        arrayPushBack(arrayMap(x -> arrayCumSum(n)[indexOf(b, x)], on), arraySum(n)), 0)))))) AS onto,
    (i, offset, down) -> toInt32(floor((offset + i - 1) / exp2(down))) AS at_scale,
    -- So many halvings keep what is merged within 16,384 buckets, wherever it lies.
    (m) -> if(empty(m.1) OR m.1[-1] - m.1[1] < 16384, 0, toInt32(ceil(log2((m.1[-1] - m.1[1]) / 16383)))) AS halvings,
    (m, down) -> if(down = 0, m, arrayReduce('sumMap', [arrayMap(k -> at_scale(1, k, down), m.1)], [m.2])) AS halved,
    (m) -> if(empty(m.1), [], arrayMap(k -> m.2[indexOf(m.1, k)], range(m.1[1], m.1[-1] + 1))) AS dense,
    gathered AS
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
            groupArrayIf((r.bounds, r.buckets), notEmpty(r.buckets)) AS parts,
            sum(r.zero_count) AS zero_count,
            max(r.zero_threshold) AS zero_threshold,
            min(r.least_scale) AS common_scale,
            sumMap(arrayMap(i -> at_scale(i, r.positive_offset, r.scale - r.least_scale), arrayEnumerate(r.positive_buckets)), r.positive_buckets) AS spread_positives,
            sumMap(arrayMap(i -> at_scale(i, r.negative_offset, r.scale - r.least_scale), arrayEnumerate(r.negative_buckets)), r.negative_buckets) AS spread_negatives,
            sum(r.duplicates) AS duplicates,
            sum(r.conflicts) AS conflicts,
            sum(r.unknown_baselines) AS unknown_baselines,
            sum(r.resets) AS resets
        FROM
        (
            SELECT
                *,
                toDateTime(${window}(time), 'UTC') AS slot,
                min(if(last_time != 0, scale, toInt32(2147483647))) OVER (PARTITION BY metric_id, series_id, toDateTime(${window}(time), 'UTC')) AS least_scale
            FROM ${source}
            WHERE ${live}
            ORDER BY metric_id, series_id, time
        ) AS r
        GROUP BY metric_id, series_id, slot
    ),
    narrowed AS
    (
        SELECT
            *,
            greatest(halvings(spread_positives), halvings(spread_negatives)) AS narrower,
            if(empty(parts), [], arrayFilter(x -> arrayAll(p -> has(p.1, x), parts), parts[1].1)) AS bounds
        FROM gathered
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
    sum,
    min,
    max,
    first.1 AS first_time, first.2 AS first_start, first.3 AS first_value, first.4 AS first_count,
    last.1 AS last_time, last.2 AS last_start, last.3 AS last_value, last.4 AS last_count,
    nan_count,
    stale_count,
    increase,
    sum_increase,
    bounds,
    if(empty(parts), [], arrayReduce('sumForEach', arrayMap(p -> onto(p.2, p.1, bounds), parts))) AS buckets,
    zero_count,
    zero_threshold,
    if(common_scale = 2147483647, 0, common_scale - narrower) AS scale,
    if(empty(positives.1), 0, positives.1[1]) AS positive_offset,
    dense(positives) AS positive_buckets,
    if(empty(negatives.1), 0, negatives.1[1]) AS negative_offset,
    dense(negatives) AS negative_buckets,
    duplicates,
    conflicts,
    unknown_baselines,
    resets,
    toUInt16(${keep_days}) AS retention_days
FROM merged

-- What came with each point of a histogram with explicit bounds since the one before, in its unit: DESIGN's rules on duplicates, resets, unknown starts and first points. spread_values: ten places inside each bucket, linear, with spread_weights events at each. least and greatest bound all of the point's events. Parameters: ${database}; ${first_point_max_age}, seconds.
CREATE OR REPLACE VIEW ${database}.histogram_increases AS
WITH
    once AS
    (
        SELECT
            h.metric_id AS metric_id, h.series_id AS series_id, h.time AS time, h.start_time AS start_time,
            h.count AS count, h.sum AS sum, h.min AS min, h.max AS max, h.has AS has,
            h.bounds AS bounds, h.bucket_counts AS bucket_counts, h.flags AS flags,
            l.temporality AS temporality, l.stream AS stream
        FROM ${database}.histograms AS h
        INNER JOIN ${database}.series_labels AS l ON h.metric_id = l.metric_id AND h.series_id = l.series_id
        WHERE bitAnd(h.flags, 1) = 0
        ORDER BY metric_id, series_id, time, start_time, h.src DESC, h.seq DESC
        LIMIT 1 BY metric_id, series_id, time, start_time
    ),
    beside AS
    (
        SELECT
            *,
            row_number() OVER (PARTITION BY metric_id, series_id ORDER BY time, start_time) AS place,
            lagInFrame(start_time) OVER previous AS start_before,
            lagInFrame(count) OVER previous AS count_before,
            lagInFrame(sum) OVER previous AS sum_before,
            lagInFrame(bounds) OVER previous AS bounds_before,
            lagInFrame(bucket_counts) OVER previous AS bucket_counts_before,
            max(time) OVER (PARTITION BY metric_id, stream ORDER BY toUnixTimestamp64Milli(time) RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS watched
        FROM once
        WINDOW previous AS (PARTITION BY metric_id, series_id ORDER BY time, start_time ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
    ),
    judged AS
    (
        SELECT
            *,
            multiIf(
                temporality = 'delta', 'all',
                bitAnd(flags, 67108864) != 0, 'none',
                place = 1, if(toUnixTimestamp64Milli(start_time) > 0 AND (toUnixTimestamp64Milli(time) - toUnixTimestamp64Milli(start_time) <= ${first_point_max_age} * 1000 OR watched >= start_time), 'all', 'none'),
                start_time > start_before OR count < count_before, 'all',
                'difference') AS part
        FROM beside
    ),
    edged AS
    (
        SELECT
            metric_id, series_id, time, part, sum, min, max, has,
            multiIf(part = 'all', count, part = 'none', toUInt64(0), toUInt64(count - count_before)) AS count_increase,
            multiIf(part = 'all', sum, part = 'none', 0., sum - sum_before) AS sum_increase,
            part = 'difference' AND bounds != bounds_before AS rebounded,
            if(rebounded, arrayFilter(bound -> has(bounds_before, bound), bounds), bounds) AS edges,
            multiIf(
                empty(bucket_counts) OR part = 'none', [],
                part = 'all', arrayMap(n -> toInt64(n), bucket_counts),
                empty(bucket_counts_before), [],
                bounds = bounds_before, arrayMap((n, before) -> toInt64(n) - toInt64(before), bucket_counts, bucket_counts_before),
                arrayPopFront(arrayDifference(arrayPushFront(arrayPushBack(
                    arrayMap(
                        edge -> toInt64(arraySum((n, bound) -> if(bound <= edge, n, 0), arrayResize(bucket_counts, length(bounds)), bounds))
                            - toInt64(arraySum((n, bound) -> if(bound <= edge, n, 0), arrayResize(bucket_counts_before, length(bounds_before)), bounds_before)),
                        arrayFilter(bound -> has(bounds_before, bound), bounds)),
                    toInt64(count) - toInt64(count_before)), toInt64(0))))) AS signed
        FROM judged
    ),
    counted AS
    (
        SELECT
            *,
            arrayMap(n -> toUInt64(greatest(n, 0)), signed) AS bucket_increases,
            arrayFirstIndex(n -> n > 0, signed) AS lowest,
            arrayLastIndex(n -> n > 0, signed) AS highest,
            bitAnd(has, 2) != 0 AS has_min,
            bitAnd(has, 4) != 0 AS has_max
        FROM edged
    )
SELECT
    metric_id,
    series_id,
    time,
    count_increase,
    sum_increase,
    edges AS bounds,
    bucket_increases,
    arrayFlatten(arrayMap(
        (n, i) -> if(n = 0, [], arrayMap(
            place_in -> multiIf(
                empty(edges), sum_increase / count_increase,
                i > length(edges), edges[-1],
                i > 1, edges[i - 1] + (edges[i] - edges[i - 1]) * (place_in + 0.5) / 10,
                edges[1] > 0, edges[1] * (place_in + 0.5) / 10,
                edges[1]),
            range(10))),
        bucket_increases, arrayEnumerate(bucket_increases))) AS spread_values,
    arrayFlatten(arrayMap(
        n -> if(n = 0, [], arrayMap(place_in -> toUInt64(intDiv(n * (place_in + 1), 10) - intDiv(n * place_in, 10)), range(10))),
        bucket_increases)) AS spread_weights,
    greatest(
        if(has_min, min, -inf),
        multiIf(part = 'all' AND has_min, min, lowest = 0 OR empty(edges), -inf, lowest > 1, edges[lowest - 1], edges[1] > 0, 0., -inf)) AS least,
    least(
        if(has_max, max, inf),
        multiIf(part = 'all' AND has_max, max, highest = 0 OR highest > length(edges), inf, edges[highest])) AS greatest
FROM counted

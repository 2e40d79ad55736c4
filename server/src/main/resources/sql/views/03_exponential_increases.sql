-- What came with each point of an exponential histogram since the one before, in its unit; rules as in histogram_increases. Two points of different scale meet at the smaller one. spread_values: the geometric middle of each bucket. Parameters: ${database}; ${first_point_max_age}, seconds.
CREATE OR REPLACE VIEW ${database}.exponential_increases AS
WITH
    once AS
    (
        SELECT
            h.metric_id AS metric_id, h.series_id AS series_id, h.time AS time, h.start_time AS start_time,
            h.count AS count, h.sum AS sum, h.min AS min, h.max AS max, h.has AS has, h.scale AS scale,
            h.zero_count AS zero_count,
            h.positive_offset AS positive_offset, h.positive_counts AS positive_counts,
            h.negative_offset AS negative_offset, h.negative_counts AS negative_counts, h.flags AS flags,
            l.temporality AS temporality, l.stream AS stream
        FROM ${database}.exponential_histograms AS h
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
            lagInFrame(scale) OVER previous AS scale_before,
            lagInFrame(zero_count) OVER previous AS zero_before,
            lagInFrame(positive_offset) OVER previous AS positive_offset_before,
            lagInFrame(positive_counts) OVER previous AS positive_before,
            lagInFrame(negative_offset) OVER previous AS negative_offset_before,
            lagInFrame(negative_counts) OVER previous AS negative_before,
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
    scaled AS
    (
        SELECT
            *,
            if(part = 'difference', least(scale, scale_before), scale) AS common,
            if(part = 'difference', scale_before, scale) - common AS fewer_before
        FROM judged
    ),
    placed AS
    (
        SELECT
            *,
            exp2(toFloat64(common - scale)) AS shrink,
            exp2(-toFloat64(fewer_before)) AS shrink_before,
            exp2(-toFloat64(common)) AS step
        FROM scaled
    ),
    merged AS
    (
        SELECT
            metric_id, series_id, time, part, min, max, step,
            multiIf(part = 'all', count, part = 'none', toUInt64(0), toUInt64(count - count_before)) AS count_increase,
            multiIf(part = 'all', sum, part = 'none', 0., sum - sum_before) AS sum_increase,
            bitAnd(has, 2) != 0 AS has_min,
            bitAnd(has, 4) != 0 AS has_max,
            arrayReduce(
                'sumMap',
                [
                    arrayConcat(
                        arrayMap(i -> -exp2((floor((negative_offset + i - 1) * shrink) + 0.5) * step), arrayEnumerate(negative_counts)),
                        [0.],
                        arrayMap(i -> exp2((floor((positive_offset + i - 1) * shrink) + 0.5) * step), arrayEnumerate(positive_counts))),
                    if(part != 'difference', [], arrayConcat(
                        arrayMap(i -> -exp2((floor((negative_offset_before + i - 1) * shrink_before) + 0.5) * step), arrayEnumerate(negative_before)),
                        [0.],
                        arrayMap(i -> exp2((floor((positive_offset_before + i - 1) * shrink_before) + 0.5) * step), arrayEnumerate(positive_before))))
                ],
                [
                    arrayMap(n -> toInt64(n), arrayConcat(negative_counts, [zero_count], positive_counts)),
                    if(part != 'difference', [], arrayMap(n -> -toInt64(n), arrayConcat(negative_before, [zero_before], positive_before)))
                ]) AS both
        FROM placed
    ),
    kept AS
    (
        SELECT
            *,
            if(part = 'none', [], arrayFilter((place_in, n) -> n > 0, both.1, both.2)) AS places,
            if(part = 'none', [], arrayFilter(n -> n > 0, both.2)) AS weights,
            exp2(step / 2) AS half_bucket
        FROM merged
    )
SELECT
    metric_id,
    series_id,
    time,
    count_increase,
    sum_increase,
    places AS spread_values,
    arrayMap(n -> toUInt64(n), weights) AS spread_weights,
    greatest(
        if(has_min, min, -inf),
        multiIf(part = 'all' AND has_min, min, empty(places), -inf, places[1] < 0, places[1] * half_bucket, places[1] / half_bucket)) AS least,
    least(
        if(has_max, max, inf),
        multiIf(part = 'all' AND has_max, max, empty(places), inf, places[-1] < 0, places[-1] / half_bucket, places[-1] * half_bucket)) AS greatest
FROM kept

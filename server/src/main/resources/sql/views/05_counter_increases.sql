-- What came with each point of a counter since the one before: monotonic sums by DESIGN's rules on duplicates, resets, unknown starts and first points, deltas as they are. Parameters: ${database}; ${first_point_max_age}, seconds.
CREATE OR REPLACE VIEW ${database}.counter_increases AS
WITH
    once AS
    (
        SELECT
            p.metric_id AS metric_id, p.series_id AS series_id, p.time AS time, p.start_time AS start_time,
            p.value AS value, p.flags AS flags, l.temporality AS temporality, l.stream AS stream
        FROM ${database}.samples AS p
        INNER JOIN ${database}.series_labels AS l ON p.metric_id = l.metric_id AND p.series_id = l.series_id
        WHERE bitAnd(p.flags, 1) = 0 AND isFinite(p.value)
            AND l.metric_type = 'sum' AND (l.monotonic = 1 OR l.temporality = 'delta')
        ORDER BY metric_id, series_id, time, start_time, p.src DESC, p.seq DESC
        LIMIT 1 BY metric_id, series_id, time, start_time
    ),
    beside AS
    (
        SELECT
            *,
            row_number() OVER (PARTITION BY metric_id, series_id ORDER BY time, start_time) AS place,
            lagInFrame(start_time) OVER previous AS start_before,
            lagInFrame(value) OVER previous AS value_before,
            max(time) OVER (PARTITION BY metric_id, stream ORDER BY toUnixTimestamp64Milli(time) RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS watched
        FROM once
        WINDOW previous AS (PARTITION BY metric_id, series_id ORDER BY time, start_time ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
    )
SELECT
    metric_id,
    series_id,
    time,
    toUnixTimestamp64Milli(start_time) AS start_millis,
    multiIf(
        temporality = 'delta', value,
        bitAnd(flags, 67108864) != 0, 0.,
        place = 1, if(start_millis > 0 AND (toUnixTimestamp64Milli(time) - start_millis <= ${first_point_max_age} * 1000 OR watched >= start_time), value, 0.),
        start_time > start_before OR value < value_before, value,
        value - value_before) AS increase
FROM beside

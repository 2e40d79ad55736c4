-- What came with each point of a summary since the one before, in its unit; rules as in histogram_increases. Its quantiles are the sender's and cannot be merged. Parameters: ${database}; ${first_point_max_age}, seconds.
CREATE OR REPLACE VIEW ${database}.summary_increases AS
WITH
    once AS
    (
        SELECT
            h.metric_id AS metric_id, h.series_id AS series_id, h.time AS time, h.start_time AS start_time,
            h.count AS count, h.sum AS sum, h.flags AS flags, l.stream AS stream
        FROM ${database}.summaries AS h
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
        bitAnd(flags, 67108864) != 0, 'none',
        place = 1, if(start_millis > 0 AND (toUnixTimestamp64Milli(time) - start_millis <= ${first_point_max_age} * 1000 OR watched >= start_time), 'all', 'none'),
        start_time > start_before OR count < count_before, 'all',
        'difference') AS part,
    multiIf(part = 'all', count, part = 'none', toUInt64(0), toUInt64(count - count_before)) AS count_increase,
    multiIf(part = 'all', sum, part = 'none', 0., sum - sum_before) AS sum_increase
FROM beside

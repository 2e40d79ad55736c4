-- Not a statement, but a part of read_watched: first and last points of windows, as far back as the starts reach. Parameters: ${database}.
SELECT metric_id, series_id, arrayJoin([first_time, last_time]) AS moment
FROM ${database}.rollup_5m
WHERE metric_id IN (SELECT metric_id FROM firsts) AND deleted = 0 AND toUnixTimestamp64Milli(last_time) != 0
    AND time >= toStartOfFiveMinutes(toDateTime((SELECT min(start_time) FROM firsts), 'UTC')) AND time <= (SELECT max(time) FROM firsts)

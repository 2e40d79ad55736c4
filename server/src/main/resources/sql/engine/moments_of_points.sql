-- Not a statement, but a part of read_watched: times of a day's stored points and of those shortly before. Parameters: ${database}; ${kind}, the table of points; ${usable}, condition on a point that has a value.
SELECT metric_id, series_id, time AS moment
FROM ${database}.${kind}
WHERE metric_id IN (SELECT metric_id FROM firsts)
    AND time >= (SELECT min(time) FROM firsts) - INTERVAL 10 MINUTE AND time < (SELECT max(time) FROM firsts)
    AND ${usable}

-- Reads which first points of a day were watched after all, as stored points of that day and shortly before tell: (metric_id, series_id, time, start_time, retention_days), times in the engine's precision. Parameters: ${database}; ${kind}, the table of points; ${usable}, condition on a point that has a value; ${from}, ${to}, seconds since 1970; ${unit}, Milli, Micro or Nano.
WITH
    firsts AS
    (
        SELECT metric_id, series_id, time, start_time, retention_days
        FROM ${database}.firn_rollup_firsts FINAL
        WHERE kind = '${kind}' AND watched = 0 AND time >= toDateTime(${from}, 'UTC') AND time < toDateTime(${to}, 'UTC')
    ),
    streams AS
    (
        SELECT metric_id, series_id, any(cityHash64(resource, scope_name, scope_version, scope_attributes, metric_name)) AS stream
        FROM ${database}.series
        WHERE metric_id IN (SELECT metric_id FROM firsts)
        GROUP BY metric_id, series_id
    )
SELECT f.metric_id, f.series_id, toUnixTimestamp64${unit}(f.time), toUnixTimestamp64${unit}(f.start_time), f.retention_days
FROM
(
    SELECT metric_id, series_id, time, start_time, retention_days, stream
    FROM firsts INNER JOIN streams USING (metric_id, series_id)
) AS f
ASOF INNER JOIN
(
    SELECT metric_id, stream, moment
    FROM
    (
        SELECT metric_id, series_id, time AS moment
        FROM ${database}.${kind}
        WHERE metric_id IN (SELECT metric_id FROM firsts)
            AND time >= (SELECT min(time) FROM firsts) - INTERVAL 10 MINUTE AND time < (SELECT max(time) FROM firsts)
            AND ${usable}
    ) AS m
    INNER JOIN streams USING (metric_id, series_id)
) AS s ON f.metric_id = s.metric_id AND f.stream = s.stream AND f.time > s.moment
WHERE s.moment >= f.start_time
ORDER BY f.metric_id, f.series_id, f.time
LIMIT 10000

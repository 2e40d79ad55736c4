-- Of each metric and source with points in the last day: seconds since its newest point (observed) and its usual interval (expected); sources whose series all ended with stale markers are left out. Points from the future do not count. Closed windows are read as they are stored, what came after by its points: windows that are open need not be rolled up for it. Of a part of the metrics, so that memory does not grow with them. Parameters: {now}, seconds; {part}, {mask}, the metrics whose id ends in bits.
WITH
    (SELECT argMax(closed_to, version) FROM firn_rollup_state) AS closed,
    toDateTime({now:UInt32} - 86400, 'UTC') AS first_second,
    toDateTime({now:UInt32}, 'UTC') AS last_second
SELECT
    'freshness' AS check,
    l.data_plane_id AS plane, l.environment AS env, l.service_name AS service, l.otel_name AS metric,
    {now:UInt32} - max(r.last) AS observed,
    quantileExact(0.5)(r.step) AS expected,
    count() AS series, sum(r.points) AS points, '' AS evidence
FROM
(
    SELECT
        metric_id, series_id,
        sum(n) AS points,
        max(newest) AS last,
        min(oldest) AS first,
        if(points > 1, least((last - first) / (points - 1), groupBitmap(window) * 300 / points), 0) AS step,
        argMax(stale, newest) AS ended
    FROM
    (
        SELECT
            metric_id, series_id, count + nan_count AS n,
            if(last_time != 0, toUnixTimestamp(toDateTime(last_time, 'UTC')), least(toUnixTimestamp(time) + 300, {now:UInt32})) AS newest,
            if(first_time != 0, toUnixTimestamp(toDateTime(first_time, 'UTC')), toUnixTimestamp(time)) AS oldest,
            toUInt8(stale_count > 0 AND count = 0) AS stale,
            intDiv(toUnixTimestamp(time), 300) AS window
        FROM rollup_5m
        WHERE time >= first_second AND time < least(closed, last_second) AND last_time <= last_second AND bitAnd(metric_id, {mask:UInt32}) = {part:UInt32}
        UNION ALL
        SELECT metric_id, series_id, toUInt64(1 - bitAnd(flags, 1)) AS n, toUnixTimestamp(toDateTime(time, 'UTC')) AS newest, newest AS oldest, toUInt8(bitAnd(flags, 1)) AS stale, intDiv(newest, 300) AS window
        FROM samples
        WHERE time >= greatest(first_second, closed) AND time <= last_second AND bitAnd(metric_id, {mask:UInt32}) = {part:UInt32}
        UNION ALL
        SELECT metric_id, series_id, toUInt64(1 - bitAnd(flags, 1)) AS n, toUnixTimestamp(toDateTime(time, 'UTC')) AS newest, newest AS oldest, toUInt8(bitAnd(flags, 1)) AS stale, intDiv(newest, 300) AS window
        FROM histograms
        WHERE time >= greatest(first_second, closed) AND time <= last_second AND bitAnd(metric_id, {mask:UInt32}) = {part:UInt32}
        UNION ALL
        SELECT metric_id, series_id, toUInt64(1 - bitAnd(flags, 1)) AS n, toUnixTimestamp(toDateTime(time, 'UTC')) AS newest, newest AS oldest, toUInt8(bitAnd(flags, 1)) AS stale, intDiv(newest, 300) AS window
        FROM exponential_histograms
        WHERE time >= greatest(first_second, closed) AND time <= last_second AND bitAnd(metric_id, {mask:UInt32}) = {part:UInt32}
        UNION ALL
        SELECT metric_id, series_id, toUInt64(1 - bitAnd(flags, 1)) AS n, toUnixTimestamp(toDateTime(time, 'UTC')) AS newest, newest AS oldest, toUInt8(bitAnd(flags, 1)) AS stale, intDiv(newest, 300) AS window
        FROM summaries
        WHERE time >= greatest(first_second, closed) AND time <= last_second AND bitAnd(metric_id, {mask:UInt32}) = {part:UInt32}
    )
    GROUP BY metric_id, series_id
) AS r
INNER JOIN
(
    SELECT metric_id, series_id, data_plane_id, environment, service_name, otel_name
    FROM series_labels
    WHERE bitAnd(metric_id, {mask:UInt32}) = {part:UInt32}
) AS l ON r.metric_id = l.metric_id AND r.series_id = l.series_id
GROUP BY plane, env, service, metric
HAVING min(r.ended) = 0 AND points >= 3

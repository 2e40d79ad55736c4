-- Rows of points of a range of days, and the values in their lists, by group and type, of a part of the series: whole days, hours and windows by their rollups, what came after the last window that was closed by its points. Parameters: {from}, {to}, seconds; {team}, an attribute or empty; {part}, {mask}, the series whose id ends in bits.
WITH
    (SELECT argMax(closed_to, version) FROM firn_rollup_state) AS closed,
    toDateTime({from:UInt32}, 'UTC') AS first_second,
    toDateTime({to:UInt32}, 'UTC') AS next_second
SELECT
    s.plane, s.env, s.service, s.team, s.metric, s.type, sum(r.n) AS n, sum(r.elements) AS elements
FROM
(
    SELECT metric_id, series_id, sum(points) AS n, sum(points * places) AS elements
    FROM
    (
        SELECT metric_id, series_id, count + nan_count + stale_count + duplicates AS points, 1 + length(buckets) + length(positive_buckets) + length(negative_buckets) AS places
        FROM rollup_1d
        WHERE time >= first_second AND time < least(next_second, toStartOfDay(closed)) AND bitAnd(series_id, {mask:UInt32}) = {part:UInt32}
        UNION ALL
        SELECT metric_id, series_id, count + nan_count + stale_count + duplicates AS points, 1 + length(buckets) + length(positive_buckets) + length(negative_buckets) AS places
        FROM rollup_1h
        WHERE time >= greatest(first_second, toStartOfDay(closed)) AND time < least(next_second, toStartOfHour(closed)) AND bitAnd(series_id, {mask:UInt32}) = {part:UInt32}
        UNION ALL
        SELECT metric_id, series_id, count + nan_count + stale_count + duplicates AS points, 1 + length(buckets) + length(positive_buckets) + length(negative_buckets) AS places
        FROM rollup_5m
        WHERE time >= greatest(first_second, toStartOfHour(closed)) AND time < least(next_second, closed) AND bitAnd(series_id, {mask:UInt32}) = {part:UInt32}
        UNION ALL
        SELECT metric_id, series_id, toUInt64(1) AS points, toUInt64(1) AS places
        FROM samples
        WHERE time >= greatest(first_second, closed) AND time < next_second AND bitAnd(series_id, {mask:UInt32}) = {part:UInt32}
        UNION ALL
        SELECT metric_id, series_id, toUInt64(1) AS points, 1 + length(bucket_counts) AS places
        FROM histograms
        WHERE time >= greatest(first_second, closed) AND time < next_second AND bitAnd(series_id, {mask:UInt32}) = {part:UInt32}
        UNION ALL
        SELECT metric_id, series_id, toUInt64(1) AS points, 1 + length(positive_counts) + length(negative_counts) AS places
        FROM exponential_histograms
        WHERE time >= greatest(first_second, closed) AND time < next_second AND bitAnd(series_id, {mask:UInt32}) = {part:UInt32}
        UNION ALL
        SELECT metric_id, series_id, toUInt64(1) AS points, toUInt64(1) AS places
        FROM summaries
        WHERE time >= greatest(first_second, closed) AND time < next_second AND bitAnd(series_id, {mask:UInt32}) = {part:UInt32}
    )
    GROUP BY metric_id, series_id
) AS r
INNER JOIN
(
    SELECT
        metric_id, series_id, data_plane_id AS plane, environment AS env, service_name AS service,
        if({team:String} = '', '', if(attributes_map[{team:String}] != '', attributes_map[{team:String}], resource_map[{team:String}])) AS team,
        metric_name AS metric, type
    FROM series
    WHERE bitAnd(series_id, {mask:UInt32}) = {part:UInt32}
) AS s ON r.metric_id = s.metric_id AND r.series_id = s.series_id
GROUP BY s.plane, s.env, s.service, s.team, s.metric, s.type

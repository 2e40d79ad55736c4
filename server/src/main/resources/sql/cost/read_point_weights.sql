-- Rows of points of a range of days, and the values in their lists, by group and type. Parameters: {rollup}, {from}, {to}, seconds; {team}, an attribute or empty.
SELECT
    s.data_plane_id, s.environment, s.service_name,
    if({team:String} = '', '', if(s.attributes_map[{team:String}] != '', s.attributes_map[{team:String}], s.resource_map[{team:String}])) AS team,
    s.metric_name, s.type, sum(r.n) AS n, sum(r.elements) AS elements
FROM
(
    SELECT
        metric_id, series_id,
        sum(count + nan_count + stale_count + duplicates) AS n,
        sum((count + nan_count + stale_count + duplicates) * (1 + length(buckets) + length(positive_buckets) + length(negative_buckets))) AS elements
    FROM {rollup:Identifier}
    WHERE time >= toDateTime({from:UInt32}, 'UTC') AND time < toDateTime({to:UInt32}, 'UTC')
    GROUP BY metric_id, series_id
) AS r
INNER JOIN series AS s ON r.metric_id = s.metric_id AND r.series_id = s.series_id
GROUP BY s.data_plane_id, s.environment, s.service_name, team, s.metric_name, s.type

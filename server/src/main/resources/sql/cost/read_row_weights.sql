-- Rows of a table's partition by group, of a part of the series. Parameters: {table}, {partition}; {team}, an attribute or empty; {part}, {mask}, the series whose id ends in bits.
SELECT
    s.plane, s.env, s.service, s.team, s.metric, '' AS type, sum(r.n) AS n, sum(r.n) AS elements
FROM
(
    SELECT metric_id, series_id, count() AS n
    FROM {table:Identifier}
    WHERE _partition_id = {partition:String} AND bitAnd(series_id, {mask:UInt32}) = {part:UInt32}
    GROUP BY metric_id, series_id
) AS r
INNER JOIN
(
    SELECT
        metric_id, series_id, data_plane_id AS plane, environment AS env, service_name AS service,
        if({team:String} = '', '', if(attributes_map[{team:String}] != '', attributes_map[{team:String}], resource_map[{team:String}])) AS team,
        metric_name AS metric
    FROM series
    WHERE bitAnd(series_id, {mask:UInt32}) = {part:UInt32}
) AS s ON r.metric_id = s.metric_id AND r.series_id = s.series_id
GROUP BY s.plane, s.env, s.service, s.team, s.metric

-- Rows of a table's partition by group. Parameters: {table}, {partition}; {team}, an attribute or empty.
SELECT
    s.data_plane_id, s.environment, s.service_name,
    if({team:String} = '', '', if(s.attributes_map[{team:String}] != '', s.attributes_map[{team:String}], s.resource_map[{team:String}])) AS team,
    s.metric_name, '' AS type, sum(r.n) AS n, sum(r.n) AS elements
FROM
(
    SELECT metric_id, series_id, count() AS n
    FROM {table:Identifier}
    WHERE _partition_id = {partition:String}
    GROUP BY metric_id, series_id
) AS r
INNER JOIN series AS s ON r.metric_id = s.metric_id AND r.series_id = s.series_id
GROUP BY s.data_plane_id, s.environment, s.service_name, team, s.metric_name

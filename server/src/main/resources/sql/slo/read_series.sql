-- Series of some metrics with all their attributes, the point's winning; stream: resource, scope and metric. Parameters: {metrics}, ids; {mask}, {part}: of streams.
SELECT
    metric_id, series_id, metric_name, unit, temporality,
    cityHash64(resource, scope_name, scope_version, scope_attributes) AS stream,
    toJSONString(mapUpdate(mapUpdate(resource_map, scope_map), attributes_map)) AS labels
FROM series
WHERE metric_id IN {metrics:Array(UInt32)} AND bitAnd(stream, {mask:UInt64}) = {part:UInt64}

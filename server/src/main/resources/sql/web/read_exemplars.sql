-- Examples of requests to HTTP servers with a trace, the slowest first. Parameters: ${database}; ${where}, condition on labels `d` and exemplars `e`; ${rows_max}.
SELECT
    toUnixTimestamp(e.time) AS at,
    d.environment AS environment,
    d.data_plane_id AS data_plane_id,
    d.service_name AS service_name,
    d.http_route AS http_route,
    d.http_status_code AS http_status_code,
    if(bitAnd(e.flags, 16777216) > 0, toFloat64(e.value_int), e.value) / d.divisor * d.multiplier AS seconds,
    e.trace_id AS trace_id,
    e.span_id AS span_id
FROM ${database}.exemplars AS e
INNER JOIN ${database}.series_labels AS d ON e.metric_id = d.metric_id AND e.series_id = d.series_id
WHERE ${where} AND e.trace_id != ''
ORDER BY seconds DESC, at, trace_id, span_id
LIMIT 1 BY trace_id, span_id
LIMIT ${rows_max}

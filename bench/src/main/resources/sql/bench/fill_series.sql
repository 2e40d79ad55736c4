-- Series of a shop: of each ten, five duration histograms, three counters, two gauges; by environment, plane, route and status. Parameters: ${database}; ${series}, how many.
INSERT INTO ${database}.series (metric_id, series_id, metric_name, type, unit, temporality, monotonic, service_name, environment, data_plane_id, http_method, http_route, http_status_code, retention_days, first_seen, last_seen)
WITH multiIf(number % 10 < 5, 1, number % 10 < 8, 2, 3) AS kind
SELECT
    100 + kind,
    reinterpretAsInt64(cityHash64(number)),
    ['http.server.request.duration', 'shop.http.requests', 'process.memory.usage'][kind],
    ['histogram', 'sum', 'gauge'][kind],
    ['s', '{request}', 'By'][kind],
    if(kind = 3, '', 'cumulative'),
    kind = 2,
    concat('service-', toString(intDiv(number, 10) % 8)),
    ['prod', 'dev', 'qa'][intDiv(number, 10) % 3 + 1],
    concat(['prod', 'dev', 'qa'][intDiv(number, 10) % 3 + 1], '-', toString(intDiv(number, 30) % 3)),
    if(kind = 3, '', 'GET'),
    if(kind = 3, '', concat('/api/v1/route', toString(intDiv(number, 50) % 40))),
    if(kind = 3, '', ['200', '200', '201', '404', '500'][intDiv(number, 10) % 5 + 1]),
    90, today() - 30, today()
FROM numbers(${series})

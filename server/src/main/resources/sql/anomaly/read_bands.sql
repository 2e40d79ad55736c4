-- Bands of a signal's series in a range; an empty text fits all. Parameters: {signal}, {environment}, {service_name}, {http_route}; {from}, {to}, seconds; {limit} rows.
SELECT toUnixTimestamp(time) AS at, signal, environment, service_name, http_route, data_plane_id, actual, expected, low, high
FROM anomaly_bands FINAL
WHERE signal = {signal:String}
    AND ({environment:String} = '' OR environment = {environment:String})
    AND ({service_name:String} = '' OR service_name = {service_name:String})
    AND ({http_route:String} = '' OR http_route = {http_route:String})
    AND time >= toDateTime({from:UInt32}, 'UTC') AND time < toDateTime({to:UInt32}, 'UTC')
ORDER BY signal, environment, service_name, http_route, data_plane_id, time
LIMIT {limit:UInt32}

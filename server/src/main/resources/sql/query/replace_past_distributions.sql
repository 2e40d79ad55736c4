-- Distributions of one kind of requests as the engine's table has them, of the lake's points; bit 26 of flags: start equals time. Parameters: ${database}; ${lake}; ${table}; ${type}; ${names}, a tuple of metric names; ${list}, the same without parentheses; ${columns}, those of its kind.
CREATE OR REPLACE VIEW ${database}.${table} AS
SELECT
    transform(
        p.metric_name,
        [${list}],
        arrayMap(name -> reinterpretAsUInt32(reverse(substring(SHA256(name), 1, 4))), [${list}]),
        toUInt32(0)) AS metric_id,
    p.series_id AS series_id,
    p.time AS time,
    ifNull(p.start_time, toDateTime64(0, 6, 'UTC')) AS start_time,
    reinterpretAsUInt64(ifNull(p.count, 0)) AS count,
    ifNull(p.sum, 0.) AS sum,
    ifNull(p.min, 0.) AS min,
    ifNull(p.max, 0.) AS max,
    toUInt8(isNotNull(p.sum) + 2 * isNotNull(p.min) + 4 * isNotNull(p.max)) AS has,
    ${columns},
    toUInt32(bitAnd(p.flags, 16777215) + if(p.start_time = p.time AND p.start_time_nanos = p.time_nanos, 67108864, 0)) AS flags,
    p.src AS src,
    toUInt64(p.seq) AS seq,
    toUInt16(0) AS retention_days
FROM ${lake}.points AS p
WHERE p.metric_name IN ${names} AND p.metric_type = '${type}'

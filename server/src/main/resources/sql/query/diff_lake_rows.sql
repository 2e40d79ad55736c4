-- Rows by metric and hour that stand in one of two lists of files and not in the other; a metric's hour with as many rows of the same digests on both sides did not change. Parameters: ${lake}.
WITH
    both_sides AS
    (
        SELECT
            metric_name,
            toUnixTimestamp(toStartOfHour(time)) AS hour,
            sign,
            sipHash64(
                src, seq, series_id, time, time_nanos, flags, plane, resource, scope, attributes, metric_type, unit, temporality, is_monotonic,
                toString(tuple(start_time, start_time_nanos, reinterpretAsUInt64(ifNull(value, 0.)), isNull(value), value_int, count, sum, min, max)),
                toString(tuple(bucket_counts, explicit_bounds, scale, zero_count, zero_threshold, positive_offset, positive_bucket_counts)),
                toString(tuple(negative_offset, negative_bucket_counts, quantiles, quantile_values, exemplars))) AS digest
        FROM
        (
            SELECT *, toInt8(1) AS sign FROM ${lake}.added
            UNION ALL
            SELECT *, toInt8(-1) AS sign FROM ${lake}.removed
        ) AS listed
    ),
    changed AS
    (
        SELECT
            metric_name,
            hour,
            countIf(sign = 1) AS came,
            countIf(sign = -1) AS went
        FROM both_sides
        GROUP BY metric_name, hour
        HAVING came != went OR sumIf(digest, sign = 1) != sumIf(digest, sign = -1)
    )
SELECT metric_name, hour, came AS rows_added, went AS rows_removed
FROM changed
WHERE came = 0 OR went = 0
UNION ALL
SELECT metric_name, hour, sum(greatest(net, 0)) AS rows_added, sum(greatest(-net, 0)) AS rows_removed
FROM
(
    SELECT metric_name, hour, digest, sum(sign) AS net
    FROM both_sides
    WHERE (metric_name, hour) IN (SELECT metric_name, hour FROM changed WHERE came > 0 AND went > 0)
    GROUP BY metric_name, hour, digest
) AS nets
GROUP BY metric_name, hour

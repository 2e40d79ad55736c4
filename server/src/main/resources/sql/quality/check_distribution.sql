-- How far the events of the last two whole hours are spread otherwise than in the same hours of the weeks before: of each hour the least population stability index to any of them, of the two hours the lesser (observed), because one hour of its own is chance; of metrics with enough events in all. Explicit buckets of equal bounds are compared as they are, exponential ones by powers of two. Parameters: {hour}, start of the later hour, seconds; {events_min}, of an hour that is compared.
WITH
    (now, former) -> if(
        arraySum(former) < {events_min:UInt32},
        inf,
        arraySum(
            (a, b) -> ((a + 0.5) / (arraySum(now) + length(now) / 2) - (b + 0.5) / (arraySum(former) + length(now) / 2))
                * log((a + 0.5) / (arraySum(now) + length(now) / 2) * (arraySum(former) + length(now) / 2) / (b + 0.5)),
            now,
            former)) AS stability
SELECT
    'distribution' AS check, plane, env, service, metric,
    max(least) AS observed, 0. AS expected, max(series) AS series, max(events) AS points, '' AS evidence
FROM
(
    SELECT
        plane, env, service, metric, shape, max(seen) AS series,
        groupArray(n[1]) AS newest,
        groupArray(n[6]) AS before,
        least(arraySum(newest), arraySum(before)) AS events,
        arrayMin([
            arrayMin([
                stability(newest, groupArray(n[2])),
                stability(newest, groupArray(n[3])),
                stability(newest, groupArray(n[4])),
                stability(newest, groupArray(n[5]))]),
            arrayMin([
                stability(before, groupArray(n[7])),
                stability(before, groupArray(n[8])),
                stability(before, groupArray(n[9])),
                stability(before, groupArray(n[10]))])]) AS least,
        arrayMax([
            arraySum(groupArray(n[2])), arraySum(groupArray(n[3])), arraySum(groupArray(n[4])), arraySum(groupArray(n[5]))]) AS former,
        arrayMax([
            arraySum(groupArray(n[7])), arraySum(groupArray(n[8])), arraySum(groupArray(n[9])), arraySum(groupArray(n[10]))]) AS former_before
    FROM
    (
        SELECT plane, env, service, metric, shape, bucket.1 AS place, sumForEach(arrayMap(slot -> if(slot = age, bucket.2, 0), range(10))) AS n, max(streams) AS seen
        FROM
        (
            SELECT
                l.data_plane_id AS plane, l.environment AS env, l.service_name AS service, l.otel_name AS metric,
                r.bounds AS shape,
                ({hour:UInt32} - toUnixTimestamp(r.time)) AS ago,
                toUInt8(intDiv(ago, 604800) + 5 * (ago % 604800 != 0)) AS age,
                count() AS streams,
                sumForEach(r.buckets) AS explicit,
                sum(r.zero_count) AS zeros,
                sumMap(arrayMap(i -> toInt32(floor((r.positive_offset + i - 1) * exp2(-r.scale))), arrayEnumerate(r.positive_buckets)), r.positive_buckets) AS positive,
                sumMap(arrayMap(i -> toInt32(floor((r.negative_offset + i - 1) * exp2(-r.scale))), arrayEnumerate(r.negative_buckets)), r.negative_buckets) AS negative,
                arrayConcat(
                    arrayMap((count, i) -> ((0, toInt32(i)), count), explicit, arrayEnumerate(explicit)),
                    if(zeros > 0, [((1, toInt32(0)), zeros)], []),
                    arrayMap((i, count) -> ((2, i), count), positive.1, positive.2),
                    arrayMap((i, count) -> ((3, i), count), negative.1, negative.2)) AS buckets
            FROM rollup_1h_now_distributions AS r
            INNER JOIN series_labels AS l ON r.metric_id = l.metric_id AND r.series_id = l.series_id
            WHERE r.time IN (SELECT arrayJoin(arrayMap(slot -> toDateTime({hour:UInt32} - slot % 5 * 604800 - intDiv(slot, 5) * 3600, 'UTC'), range(10))))
                AND r.metric_id IN (SELECT metric_id FROM series WHERE type IN ('histogram', 'exponential_histogram'))
                AND r.increase > 0
            GROUP BY plane, env, service, metric, shape, ago
        )
        ARRAY JOIN buckets AS bucket
        GROUP BY plane, env, service, metric, shape, place
    )
    GROUP BY plane, env, service, metric, shape
    HAVING least(events, former, former_before) >= {events_min:UInt32}
)
GROUP BY plane, env, service, metric

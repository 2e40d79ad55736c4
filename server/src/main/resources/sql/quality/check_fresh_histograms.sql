-- Of points that came since the last look: from the future (clock_skew, by the most seconds), later than allowed (late, as a share), and what no counter or histogram can say. Parameters: {table}; {since}, seconds; {cuts}, by writer; {now}, {late}, ms: later points are from the future, earlier ones are late.
SELECT
    tupleElement(finding, 1) AS check, plane, env, service, metric,
    tupleElement(finding, 2) AS observed, tupleElement(finding, 3) AS expected, series, points, '' AS evidence
FROM
(
    SELECT
        l.data_plane_id AS plane, l.environment AS env, l.service_name AS service, l.otel_name AS metric,
        max(r.ahead) AS ahead, sum(r.late) AS late, sum(r.points) AS points, count() AS series, sum(r.broken) AS broken
    FROM
    (
        SELECT
            metric_id, series_id, count() AS points,
            (toUnixTimestamp64Milli(max(time)) - {now:Int64}) / 1000 AS ahead,
            countIf(toUnixTimestamp64Milli(time) < {late:Int64}) AS late,
            countIf(notEmpty(bucket_counts) AND arraySum(bucket_counts) != count OR length(bounds) > 1 AND arrayExists((a, b) -> a >= b, arrayPopBack(bounds), arrayPopFront(bounds))) AS broken
        FROM histograms
        WHERE _part IN (SELECT name FROM system.parts WHERE database = currentDatabase() AND table = {table:String} AND toUnixTimestamp(modification_time) >= {since:UInt64})
        AND mapContains({cuts:Map(String, UInt64)}, CAST(src, 'String')) AND seq > {cuts:Map(String, UInt64)}[CAST(src, 'String')]
            AND bitAnd(flags, 1) = 0
        GROUP BY metric_id, series_id
    ) AS r
    INNER JOIN series_labels AS l ON r.metric_id = l.metric_id AND r.series_id = l.series_id
    GROUP BY plane, env, service, metric
)
ARRAY JOIN arrayFilter(one -> one.2 > 0, [('clock_skew', toFloat64(ahead), 0.), ('late', late / points, 0.), ('histogram_integrity', toFloat64(broken), 0.)]) AS finding

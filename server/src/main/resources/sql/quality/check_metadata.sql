-- Names of metrics that come with several types, units, temporalities or descriptions from one service and scope, among series of today and yesterday. Parameters: {now}, seconds.
SELECT
    tupleElement(finding, 1) AS check, plane, env, service, metric,
    toFloat64(length(tupleElement(finding, 2))) AS observed, 1. AS expected, series, toUInt64(0) AS points,
    arrayStringConcat(tupleElement(finding, 2), ' | ') AS evidence
FROM
(
    SELECT
        CAST(data_plane_id, 'String') AS plane, CAST(environment, 'String') AS env, CAST(service_name, 'String') AS service,
        CAST(metric_name, 'String') AS metric, scope_name,
        arraySort(groupUniqArray(CAST(type, 'String'))) AS types,
        arraySort(groupUniqArray(CAST(unit, 'String'))) AS units,
        arraySort(groupUniqArray(concat(CAST(temporality, 'String'), if(type = 'sum', if(monotonic = 1, ' monotonic', ' not monotonic'), '')))) AS forms,
        arraySort(groupUniqArray(10)(description)) AS descriptions,
        count() AS series
    FROM series
    WHERE last_seen >= toDate(toDateTime({now:UInt32}, 'UTC')) - 1
    GROUP BY plane, env, service, metric, scope_name
    HAVING length(types) > 1 OR length(units) > 1 OR length(forms) > 1 OR length(descriptions) > 1
)
ARRAY JOIN arrayFilter(
    one -> length(one.2) > 1,
    [('type_conflict', types), ('unit_conflict', units), ('temporality_flip', if(length(types) > 1, [], forms)), ('description_conflict', descriptions)]) AS finding

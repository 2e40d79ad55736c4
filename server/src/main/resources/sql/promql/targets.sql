-- Resources that have points between two days, each with some of its series. Parameters: ${database}; ${from_day}, ${to_day}, days since 1970; ${series_max}, series of a resource.
SELECT resource, metric_id, series_id, type
FROM
(
    SELECT any(resource) AS resource, metric_id, series_id, any(type) AS type, max(last_seen) AS seen, min(first_seen) AS began
    FROM ${database}.series
    GROUP BY metric_id, series_id
    HAVING seen >= toDate(${from_day}) AND began <= toDate(${to_day})
)
ORDER BY resource, seen DESC, metric_id, series_id
LIMIT ${series_max} BY resource
FORMAT TabSeparated

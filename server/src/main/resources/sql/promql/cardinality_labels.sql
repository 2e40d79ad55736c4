-- Attributes by how many values they have, and values by how many series have them: kind, name, count. Parameters: ${database}; ${limit}, rows of each.
SELECT 'label' AS kind, pair.1 AS name, uniqExact(pair.2) AS count
FROM ${database}.series
ARRAY JOIN arrayZip(mapKeys(attributes_map), mapValues(attributes_map)) AS pair
GROUP BY name
ORDER BY count DESC, name
LIMIT ${limit}
UNION ALL
SELECT 'pair' AS kind, concat(pair.1, '=', pair.2) AS name, uniqExact(series_id) AS count
FROM ${database}.series
ARRAY JOIN arrayZip(mapKeys(attributes_map), mapValues(attributes_map)) AS pair
GROUP BY name
ORDER BY count DESC, name
LIMIT ${limit}
FORMAT TabSeparated

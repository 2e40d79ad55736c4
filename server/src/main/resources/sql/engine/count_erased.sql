-- Counts the points that an erasure would delete. Parameters: ${database}, ${table}, ${series} (condition over table series), ${rows} (condition over the points).
SELECT count() FROM ${database}.${table}
WHERE series_id IN (SELECT series_id FROM ${database}.series WHERE ${series}) AND (${rows})

-- Deletes points for good, and returns when they are gone. Parameters: ${database}, ${table}, ${series} (condition over table series), ${rows} (condition over the points).
ALTER TABLE ${database}.${table} DELETE
WHERE series_id IN (SELECT series_id FROM ${database}.series WHERE ${series}) AND (${rows})
SETTINGS mutations_sync = 2

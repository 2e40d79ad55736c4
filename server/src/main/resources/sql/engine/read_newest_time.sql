-- Reads the earliest and the newest time of stored points of a kind, in the table's precision, and their number. Parameters: ${database}; ${table}; ${unit}, name of the conversion.
SELECT toUnixTimestamp64${unit}(min(time)), toUnixTimestamp64${unit}(max(time)), count()
FROM ${database}.${table}

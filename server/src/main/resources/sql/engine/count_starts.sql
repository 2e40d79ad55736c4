-- Counts the records of a start: 0 means that this is not the engine that it was recorded in. Parameters: ${database}, ${id}.
SELECT count() FROM ${database}.firn_starts WHERE id = '${id}'

-- Counts the stored series that may still have points. Parameters: ${database}, ${today} (days since 1970).
SELECT count() FROM ${database}.series FINAL
WHERE toUInt32(last_seen) + retention_days >= ${today}

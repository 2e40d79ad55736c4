-- Counts the stored series. Parameters: ${database}.
SELECT count() FROM ${database}.series FINAL

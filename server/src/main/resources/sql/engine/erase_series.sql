-- Deletes series of which no point is left, and returns when they are gone. Parameters: ${database}, ${series} (condition over table series).
ALTER TABLE ${database}.series DELETE
WHERE (${series}) AND series_id NOT IN
(
    SELECT series_id FROM ${database}.samples
    UNION ALL SELECT series_id FROM ${database}.histograms
    UNION ALL SELECT series_id FROM ${database}.exponential_histograms
    UNION ALL SELECT series_id FROM ${database}.summaries
    UNION ALL SELECT series_id FROM ${database}.exemplars
)
SETTINGS mutations_sync = 2

-- Creates a copy of which label of a metric who asked for last (read it with FINAL). Parameters: ${database}.
CREATE TABLE IF NOT EXISTS ${database}.firn_cost_labels
(
    metric_name LowCardinality(String),
    label LowCardinality(String),
    source LowCardinality(String),
    asked_at DateTime('UTC')
)
ENGINE = ReplacingMergeTree(asked_at)
ORDER BY (metric_name, label, source)
TTL asked_at + INTERVAL 31 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, auto_statistics_types = ''

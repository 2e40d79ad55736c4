-- Creates firn_kept_blocks: up to which block of rows that are kept in state/firn.db this engine has a table's; the greatest counts. Parameters: ${database}.
CREATE TABLE IF NOT EXISTS ${database}.firn_kept_blocks
(
    table_name LowCardinality(String),
    block UInt64
)
ENGINE = ReplacingMergeTree(block)
ORDER BY table_name
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, auto_statistics_types = ''

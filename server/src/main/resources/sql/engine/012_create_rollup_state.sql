-- Creates firn_rollup_state: up to where windows of rollup_5m were closed; the row of the greatest version counts. Parameters: ${database}.
CREATE TABLE IF NOT EXISTS ${database}.firn_rollup_state
(
    closed_to DateTime('UTC'),
    version UInt64
)
ENGINE = MergeTree
ORDER BY version
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, auto_statistics_types = ''

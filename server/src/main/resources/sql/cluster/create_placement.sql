-- Creates firn_placement: over how many shards rows are spread, and a number that every INSERT of a cut names, so that one that comes late is known again. Parameters: ${database}.
CREATE TABLE IF NOT EXISTS ${database}.firn_placement
(
    shards UInt32,
    tokens UInt64
)
ENGINE = MergeTree
ORDER BY tokens
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, auto_statistics_types = ''

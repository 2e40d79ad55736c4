-- Creates firn_migrations, the record of the schema migrations that were applied. Parameters: ${database}.
CREATE TABLE IF NOT EXISTS ${database}.firn_migrations
(
    version UInt32,
    name String,
    applied_at DateTime64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY version
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1

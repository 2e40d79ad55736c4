-- Creates firn_starts: a random id for each start of a Firn that writes here. A checkpoint names one, so that a database that was dropped, restored or swapped is noticed. Parameters: ${database}.
CREATE TABLE IF NOT EXISTS ${database}.firn_starts
(
    id String,
    started_at DateTime64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, auto_statistics_types = ''

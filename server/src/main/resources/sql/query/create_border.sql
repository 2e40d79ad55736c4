-- Creates the border: points at or after its greatest time the engine has in full, those before are asked of the lake. Parameters: ${lake}.
CREATE TABLE IF NOT EXISTS ${lake}.border
(
    time DateTime64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY time
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, auto_statistics_types = ''

-- Creates slo_progress: of each objective, from which minute up to which its minutes are counted, and the newest cut of each writer that was seen before. Parameters: ${database}.
CREATE TABLE IF NOT EXISTS ${database}.slo_progress
(
    slo String,
    definition UInt64,
    counted_from DateTime('UTC'),
    as_of DateTime('UTC'),
    looked_at UInt64,
    cuts Map(String, UInt64),
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (slo, definition)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, auto_statistics_types = ''

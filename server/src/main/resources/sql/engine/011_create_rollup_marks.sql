-- Creates firn_rollup_marks: windows of rollup_5m that must be computed anew, by series and day, from_window up to before to_window; done ones are deleted. Parameters: ${database}.
CREATE TABLE IF NOT EXISTS ${database}.firn_rollup_marks
(
    kind LowCardinality(String),
    day Date,
    metric_id UInt32,
    series_id Int64,
    from_window DateTime('UTC'),
    to_window DateTime('UTC'),
    marked_by String,
    version UInt64,
    deleted UInt8,
    written_at DateTime DEFAULT now()
)
ENGINE = ReplacingMergeTree(version, deleted)
ORDER BY (kind, day, metric_id, series_id, from_window, to_window, marked_by)
TTL written_at + INTERVAL 1 DAY DELETE WHERE deleted = 1
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1, min_compressed_bytes_to_fsync_after_merge = 1, auto_statistics_types = '', old_parts_lifetime = 480

-- Creates rollup_1h: the columns of rollup_5m, a window is 1 hour. Parameters: ${database}.
CREATE TABLE IF NOT EXISTS ${database}.rollup_1h AS ${database}.rollup_5m
ENGINE = ReplacingMergeTree(version, deleted)
PARTITION BY toYYYYMM(time)
ORDER BY (metric_id, series_id, time)
TTL toDateTime(least(toInt64(toUnixTimestamp(time)) + retention_days * 86400, 4291747200))
SETTINGS
    index_granularity = 2048,
    ttl_only_drop_parts = 0,
    merge_with_ttl_timeout = 86400,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1,
    auto_statistics_types = '',
    old_parts_lifetime = 480

-- Creates histograms: points with explicit bounds; bits of has: 1 sum, 2 min, 4 max were sent. Parameters: ${database}; ${time_precision}, digits below a second (3, 6 or 9).
CREATE TABLE IF NOT EXISTS ${database}.histograms
(
    metric_id UInt32 CODEC(ZSTD(1)),
    series_id Int64 CODEC(ZSTD(1)),
    time DateTime64(${time_precision}, 'UTC') CODEC(Delta, ZSTD(1)),
    start_time DateTime64(${time_precision}, 'UTC') CODEC(Delta, ZSTD(1)),
    count UInt64 CODEC(Delta, ZSTD(1)),
    sum Float64 CODEC(Delta, ZSTD(1)),
    min Float64 CODEC(ZSTD(1)),
    max Float64 CODEC(ZSTD(1)),
    has UInt8 CODEC(ZSTD(1)),
    bounds Array(Float64) CODEC(ZSTD(3)),
    bucket_counts Array(UInt64) CODEC(ZSTD(3)),
    flags UInt32 CODEC(ZSTD(1)),
    src LowCardinality(String) CODEC(ZSTD(1)),
    seq UInt64 CODEC(DoubleDelta, ZSTD(1)),
    retention_days UInt16 CODEC(ZSTD(1)),
    INDEX seq_range seq TYPE minmax GRANULARITY 4
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (metric_id, series_id, time)
-- ClickHouse keeps a TTL as 32-bit seconds, which wrap in 2106: a point from the far future would expire at once.
TTL toDateTime(least(intDiv(toUnixTimestamp64Milli(time), 1000) + retention_days * 86400, 4291747200))
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

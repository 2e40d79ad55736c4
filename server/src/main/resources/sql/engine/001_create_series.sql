-- Creates series: one row a series (several until merged: read it with FINAL); first_seen and last_seen: UTC days of its points' times. Parameters: ${database}.
CREATE TABLE IF NOT EXISTS ${database}.series
(
    metric_id UInt32,
    series_id Int64,
    fingerprint FixedString(16),
    metric_name LowCardinality(String),
    type LowCardinality(String),
    unit LowCardinality(String),
    temporality LowCardinality(String),
    monotonic UInt8,
    service_name LowCardinality(String),
    environment LowCardinality(String),
    data_plane_id LowCardinality(String),
    cluster_id LowCardinality(String),
    region LowCardinality(String),
    http_method LowCardinality(String),
    http_route LowCardinality(String),
    http_status_code LowCardinality(String),
    resource String CODEC(ZSTD(1)),
    scope_name LowCardinality(String),
    scope_version LowCardinality(String),
    scope_attributes String CODEC(ZSTD(1)),
    attributes String CODEC(ZSTD(1)),
    resource_map Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    scope_map Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    attributes_map Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    description String CODEC(ZSTD(1)),
    metadata String CODEC(ZSTD(1)),
    resource_schema_url LowCardinality(String),
    scope_schema_url LowCardinality(String),
    resource_dropped_attributes UInt32 CODEC(ZSTD(1)),
    scope_dropped_attributes UInt32 CODEC(ZSTD(1)),
    entity_refs String CODEC(ZSTD(1)),
    revision UInt64,
    retention_days UInt16,
    first_seen Date,
    last_seen Date
)
ENGINE = ReplacingMergeTree(last_seen)
ORDER BY (metric_id, series_id)
SETTINGS
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1,
    auto_statistics_types = '',
    old_parts_lifetime = 480

-- Creates firn_rollup_firsts: points that are the first of their series and whose start is old; watched = 1: a point of the same resource, scope and metric is stored from between start and point, so that they count in full. Parameters: ${database}; ${time_precision}, digits after the second.
CREATE TABLE IF NOT EXISTS ${database}.firn_rollup_firsts
(
    kind LowCardinality(String),
    metric_id UInt32,
    series_id Int64,
    time DateTime64(${time_precision}, 'UTC'),
    start_time DateTime64(${time_precision}, 'UTC'),
    watched UInt8,
    retention_days UInt16
)
ENGINE = ReplacingMergeTree(watched)
ORDER BY (metric_id, series_id, time, start_time)
TTL toDateTime(time) + toIntervalDay(retention_days)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1, min_compressed_bytes_to_fsync_after_merge = 1, auto_statistics_types = '', old_parts_lifetime = 480

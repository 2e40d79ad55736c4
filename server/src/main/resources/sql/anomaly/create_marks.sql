-- Creates anomaly_marks: what people said of anomalies, a copy of what stands in state/firn.db. Parameters: ${database}.
CREATE TABLE IF NOT EXISTS ${database}.anomaly_marks
(
    id UInt64,
    kind LowCardinality(String),
    signal String,
    environment String,
    service_name String,
    http_route String,
    from_time DateTime64(3, 'UTC'),
    to_time DateTime64(3, 'UTC'),
    comment String,
    marked_at DateTime64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, auto_statistics_types = ''

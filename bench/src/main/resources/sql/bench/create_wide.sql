-- The seed's table metrics_local_v2 as it stands there. Parameters: ${database}; ${table}; ${indexes}, its skip indexes or nothing.
CREATE TABLE ${database}.${table}
(
    timestamp DateTime64(3) CODEC(DoubleDelta, LZ4),
    metric_name LowCardinality(String),
    metric_value Float64 CODEC(Gorilla, LZ4),
    metric_type LowCardinality(String),
    http_method LowCardinality(String),
    http_route String CODEC(ZSTD(3)),
    http_status_code LowCardinality(String),
    environment LowCardinality(String),
    data_plane_id LowCardinality(String),
    service_name LowCardinality(String),
    cluster_id LowCardinality(String),
    region LowCardinality(String),
    date Date,
    hour UInt8
    ${indexes}
)
ENGINE = MergeTree
PARTITION BY (toYYYYMM(date), data_plane_id)
ORDER BY (environment, metric_name, date, hour, timestamp)
TTL date + INTERVAL 90 DAY
SETTINGS index_granularity = 8192, min_bytes_for_wide_part = 10485760, compress_primary_key = 1

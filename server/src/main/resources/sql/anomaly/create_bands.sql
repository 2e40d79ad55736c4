-- Creates anomaly_bands: what each of the 500 heaviest series was in each interval (of 5 minutes, time is its start) and what was expected; 14 days. Parameters: ${database}.
CREATE TABLE IF NOT EXISTS ${database}.anomaly_bands
(
    time DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
    signal LowCardinality(String),
    environment LowCardinality(String),
    service_name LowCardinality(String),
    http_route LowCardinality(String),
    data_plane_id LowCardinality(String),
    actual Float64 CODEC(ZSTD(1)),
    expected Float64 CODEC(ZSTD(1)),
    low Float64 CODEC(ZSTD(1)),
    high Float64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toMonday(time)
ORDER BY (signal, environment, service_name, http_route, data_plane_id, time)
TTL time + INTERVAL 14 DAY
SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1, auto_statistics_types = ''

-- Creates anomalies: intervals (of 5 minutes, time is their start) in which a signal was not as expected; an interval that is judged again replaces its row. Parameters: ${database}.
CREATE TABLE IF NOT EXISTS ${database}.anomalies
(
    time DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
    signal LowCardinality(String),
    environment LowCardinality(String),
    service_name LowCardinality(String),
    http_route LowCardinality(String),
    channel LowCardinality(String),
    score Float64 CODEC(ZSTD(1)),
    actual Float64 CODEC(ZSTD(1)),
    expected Float64 CODEC(ZSTD(1)),
    expected_low Float64 CODEC(ZSTD(1)),
    expected_high Float64 CODEC(ZSTD(1)),
    severity LowCardinality(String),
    explanation String CODEC(ZSTD(3)),
    contributions Map(LowCardinality(String), Float64) CODEC(ZSTD(1)),
    data_plane_id LowCardinality(String),
    z_score Float64 CODEC(ZSTD(1)),
    alerting Bool,
    version UInt64 CODEC(ZSTD(1)),
    service_instance_id String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(time)
ORDER BY (time, signal, environment, service_name, http_route, data_plane_id, service_instance_id)
TTL time + INTERVAL 400 DAY
SETTINGS index_granularity = 512, fsync_after_insert = 1, fsync_part_directory = 1, auto_statistics_types = ''

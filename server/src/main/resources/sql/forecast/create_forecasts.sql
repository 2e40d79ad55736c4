-- Creates forecasts: what was expected of hours or days (target_time is their start) with 80 and 95 % intervals, when it was issued, from what, how well that model did on held-out tails against the seasonal naive, and of how many past forecasts of the signal, step and model that were judged by then what share was within their intervals (NaN before the first). Parameters: ${database}.
CREATE TABLE IF NOT EXISTS ${database}.forecasts
(
    issued_at DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
    signal LowCardinality(String),
    environment LowCardinality(String),
    target_time DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
    value Float64 CODEC(ZSTD(1)),
    low80 Float64 CODEC(ZSTD(1)),
    high80 Float64 CODEC(ZSTD(1)),
    low95 Float64 CODEC(ZSTD(1)),
    high95 Float64 CODEC(ZSTD(1)),
    model LowCardinality(String),
    training_from DateTime('UTC') CODEC(ZSTD(1)),
    training_to DateTime('UTC') CODEC(ZSTD(1)),
    holdout_mase Float64 CODEC(ZSTD(1)),
    service_name LowCardinality(String),
    step LowCardinality(String),
    version UInt64 CODEC(ZSTD(1)),
    judged UInt64 CODEC(ZSTD(1)),
    covered80 Float64 CODEC(ZSTD(1)),
    covered95 Float64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(issued_at)
ORDER BY (signal, step, environment, service_name, issued_at, target_time)
TTL issued_at + INTERVAL 35 DAY DELETE WHERE step = 'hour', issued_at + INTERVAL 400 DAY
SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1, auto_statistics_types = ''

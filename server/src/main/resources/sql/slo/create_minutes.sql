-- Creates slo_minutes: good and all events by objective, group and minute; definition: digest of what is counted; group_values: JSON. Parameters: ${database}.
CREATE TABLE IF NOT EXISTS ${database}.slo_minutes
(
    slo LowCardinality(String),
    definition UInt64 CODEC(ZSTD(1)),
    group_values LowCardinality(String),
    minute DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
    total UInt64 CODEC(T64, ZSTD(1)),
    good_lower UInt64 CODEC(T64, ZSTD(1)),
    good_upper UInt64 CODEC(T64, ZSTD(1)),
    good_estimate Float64 CODEC(ZSTD(1)),
    unknown_baseline UInt64 CODEC(T64, ZSTD(1)),
    measured UInt8 CODEC(ZSTD(1)),
    below Float64 CODEC(ZSTD(1)),
    above Float64 CODEC(ZSTD(1)),
    version UInt64 CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(minute)
ORDER BY (slo, definition, group_values, minute)
TTL minute + INTERVAL 732 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, auto_statistics_types = ''

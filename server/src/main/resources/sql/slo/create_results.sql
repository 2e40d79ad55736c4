-- Creates slo_results: what held of each objective and group at each evaluation; detail: all of it as JSON. Parameters: ${database}.
CREATE TABLE IF NOT EXISTS ${database}.slo_results
(
    evaluated_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    slo LowCardinality(String),
    group_values LowCardinality(String),
    definition UInt64 CODEC(ZSTD(1)),
    as_of DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
    window_from DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
    window_to DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
    origin LowCardinality(String),
    service LowCardinality(String),
    environment LowCardinality(String),
    metric_name LowCardinality(String),
    slo_type LowCardinality(String),
    threshold Float64 CODEC(ZSTD(1)),
    description LowCardinality(String),
    target Decimal(18, 12) CODEC(ZSTD(1)),
    status LowCardinality(String),
    total UInt64 CODEC(ZSTD(1)),
    good_lower UInt64 CODEC(ZSTD(1)),
    good_upper UInt64 CODEC(ZSTD(1)),
    unknown_baseline UInt64 CODEC(ZSTD(1)),
    coverage Float64 CODEC(ZSTD(1)),
    sli Float64 CODEC(ZSTD(1)),
    sli_lower Float64 CODEC(ZSTD(1)),
    sli_upper Float64 CODEC(ZSTD(1)),
    budget_left Float64 CODEC(ZSTD(1)),
    burn_1h Float64 CODEC(ZSTD(1)),
    minutes_to_exhaustion Float64 CODEC(ZSTD(1)),
    slo_tier LowCardinality(String),
    page LowCardinality(String),
    ticket LowCardinality(String),
    advice LowCardinality(String),
    detail String CODEC(ZSTD(3))
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(evaluated_at)
ORDER BY (evaluated_at, slo, group_values)
TTL toDateTime(evaluated_at) + INTERVAL 35 DAY
SETTINGS index_granularity = 512, fsync_after_insert = 1, fsync_part_directory = 1, auto_statistics_types = ''

-- Creates firn_alerts, the engine's copy of the alerts in state/firn.db; the view alerts has one row each. Parameters: ${database}.
CREATE TABLE IF NOT EXISTS ${database}.firn_alerts
(
    id String,
    source LowCardinality(String),
    rule String,
    severity LowCardinality(String),
    subject Map(LowCardinality(String), String),
    state LowCardinality(String),
    started_at DateTime64(3, 'UTC'),
    fired_at Nullable(DateTime64(3, 'UTC')),
    last_seen_at DateTime64(3, 'UTC'),
    resolved_at Nullable(DateTime64(3, 'UTC')),
    value Float64,
    threshold Float64,
    summary String,
    detail String,
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, auto_statistics_types = ''

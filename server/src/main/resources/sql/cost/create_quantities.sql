-- Creates a copy of what was metered: one row a period, meter and group (several until merged: read it with FINAL). Parameters: ${database}, ${table}.
CREATE TABLE IF NOT EXISTS ${database}.${table}
(
    period DateTime('UTC'),
    seconds UInt32,
    meter LowCardinality(String),
    data_plane_id LowCardinality(String),
    environment LowCardinality(String),
    service_name LowCardinality(String),
    team LowCardinality(String),
    metric_name LowCardinality(String),
    source LowCardinality(String),
    quantity Int64,
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (period, meter, data_plane_id, environment, service_name, team, metric_name, source)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, auto_statistics_types = ''

-- Creates the engine's copy of the objectives, with the seed's columns. Parameters: ${database}, ${table}.
CREATE OR REPLACE TABLE ${database}.${table}
(
    environment String,
    metric_name String,
    slo_type Enum('latency_p95' = 1, 'latency_p99' = 2, 'error_rate' = 3, 'availability' = 4),
    threshold Float64,
    description String
)
ENGINE = MergeTree
ORDER BY (environment, metric_name, slo_type)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, auto_statistics_types = ''

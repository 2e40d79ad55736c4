-- Creates the engine's copy of the objectives, with the seed's columns; what user admin inserts is checked here. Parameters: ${database}, ${table}.
CREATE OR REPLACE TABLE ${database}.${table}
(
    environment String,
    metric_name String,
    slo_type Enum('latency_p95' = 1, 'latency_p99' = 2, 'error_rate' = 3, 'availability' = 4),
    threshold Float64,
    description String,
    CONSTRAINT environment_and_metric_are_named CHECK environment != '' AND metric_name != '',
    CONSTRAINT threshold_is_positive CHECK isFinite(threshold) AND threshold > 0,
    CONSTRAINT threshold_of_a_rate_is_percent CHECK slo_type IN ('latency_p95', 'latency_p99') OR threshold <= 100
)
ENGINE = MergeTree
ORDER BY (environment, metric_name, slo_type)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, auto_statistics_types = ''

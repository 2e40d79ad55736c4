-- Reads the engine's copy of the objectives. Parameters: ${database}.
SELECT environment, metric_name, slo_type, threshold, description
FROM ${database}.slo_definitions
ORDER BY ALL

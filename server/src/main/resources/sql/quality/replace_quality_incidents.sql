-- Incidents of data quality, open and resolved: what a check found wrong of a source or metric, and how long. Parameters: ${database}.
CREATE OR REPLACE VIEW ${database}.quality_incidents AS
SELECT
    id,
    rule AS check_id,
    JSONExtractString(detail, 'dimension') AS dimension,
    JSONExtractString(detail, 'status') AS severity,
    subject['data_plane_id'] AS data_plane_id,
    subject['environment'] AS environment,
    subject['service_name'] AS service_name,
    subject['metric_name'] AS metric_name,
    started_at AS first_seen,
    last_seen_at AS last_seen,
    resolved_at,
    state,
    value AS observed,
    threshold AS expected,
    summary,
    detail AS evidence
FROM ${database}.alerts
WHERE source = 'quality'

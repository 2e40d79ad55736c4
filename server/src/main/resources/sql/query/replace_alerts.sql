-- Creates alerts: one row for each time that a rule's conditions held for a subject, from SLOs, data quality, anomalies, cost and health checks. Parameters: ${database}.
CREATE OR REPLACE VIEW ${database}.alerts AS
SELECT id, source, rule, severity, subject, state, started_at, fired_at, last_seen_at, resolved_at, value, threshold, summary, detail
FROM ${database}.firn_alerts FINAL

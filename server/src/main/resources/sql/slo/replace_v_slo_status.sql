-- Creates v_slo_status: what the newest evaluation said of each objective and group. Parameters: ${database}.
CREATE OR REPLACE VIEW ${database}.v_slo_status AS
SELECT *
FROM ${database}.slo_results
WHERE evaluated_at = (SELECT max(evaluated_at) FROM ${database}.slo_results)

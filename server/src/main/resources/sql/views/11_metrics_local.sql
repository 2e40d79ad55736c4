-- The seed's older name of metrics_local_v2. Parameters: ${database}.
CREATE OR REPLACE VIEW ${database}.metrics_local AS
SELECT * FROM ${database}.metrics_local_v2

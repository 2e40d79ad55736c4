-- The seed's older name of metrics_hourly_v2. Parameters: ${database}.
CREATE OR REPLACE VIEW ${database}.metrics_hourly AS
SELECT * FROM ${database}.metrics_hourly_v2

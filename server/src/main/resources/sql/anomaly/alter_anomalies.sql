-- Adds to anomalies of former versions whose instance it is. Parameters: ${database}.
ALTER TABLE ${database}.anomalies
    ADD COLUMN IF NOT EXISTS service_instance_id String CODEC(ZSTD(1)),
    MODIFY ORDER BY (time, signal, environment, service_name, http_route, data_plane_id, service_instance_id)

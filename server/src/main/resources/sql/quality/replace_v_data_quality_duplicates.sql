-- Points that are stored more than once, by hour of their time: duplicate_count rows more than points; conflicts: points of which such rows say different things. Parameters: ${database}.
CREATE OR REPLACE VIEW ${database}.v_data_quality_duplicates AS
SELECT
    toDate(r.time, 'UTC') AS date,
    toHour(r.time, 'UTC') AS hour,
    l.environment AS environment,
    l.data_plane_id AS data_plane_id,
    l.metric_name AS metric_name,
    l.http_route AS http_route,
    sum(r.duplicates) AS duplicate_count,
    sum(r.conflicts) AS conflicts,
    l.service_name AS service_name
FROM ${database}.rollup_1h_now AS r
INNER JOIN ${database}.series_labels AS l ON r.metric_id = l.metric_id AND r.series_id = l.series_id
WHERE r.duplicates > 0
GROUP BY date, hour, environment, data_plane_id, metric_name, http_route, service_name

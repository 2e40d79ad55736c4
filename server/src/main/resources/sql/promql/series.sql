-- Identities of series. Parameters: ${database}; ${keys}, pairs of metric_id and series_id.
SELECT
    series_id, metric_id, metric_name, unit, type, temporality, monotonic, resource, scope_name, scope_version, scope_attributes,
    scope_schema_url, attributes, environment, data_plane_id, cluster_id, region, service_name
FROM ${database}.series
WHERE (metric_id, series_id) IN (${keys})
LIMIT 1 BY series_id
FORMAT TabSeparated

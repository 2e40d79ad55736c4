-- Data files of the lake's points with the bounds of their columns; a row may come twice for a moment. Parameters: ${lake}.
CREATE TABLE IF NOT EXISTS ${lake}.files
(
    path String,
    day Nullable(Date32),
    plane String,
    rows Int64,
    bytes Int64,
    time_min Nullable(DateTime64(6, 'UTC')),
    time_max Nullable(DateTime64(6, 'UTC')),
    series_id_min Nullable(Int64),
    series_id_max Nullable(Int64),
    metric_name_min Nullable(String),
    metric_name_max Nullable(String),
    metric_type_min Nullable(String),
    metric_type_max Nullable(String),
    service_name_min Nullable(String),
    service_name_max Nullable(String),
    environment_min Nullable(String),
    environment_max Nullable(String),
    data_plane_id_min Nullable(String),
    data_plane_id_max Nullable(String),
    cluster_id_min Nullable(String),
    cluster_id_max Nullable(String),
    region_min Nullable(String),
    region_max Nullable(String),
    http_method_min Nullable(String),
    http_method_max Nullable(String),
    http_route_min Nullable(String),
    http_route_max Nullable(String),
    http_status_code_min Nullable(String),
    http_status_code_max Nullable(String)
)
ENGINE = MergeTree
ORDER BY path

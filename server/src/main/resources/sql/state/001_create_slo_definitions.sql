-- For SQLite: objectives, the seed's four to begin with. threshold: seconds for latencies, percent of events for rates. Parameters: none.
CREATE TABLE slo_definitions (
    environment TEXT NOT NULL,
    metric_name TEXT NOT NULL,
    slo_type TEXT NOT NULL CHECK (slo_type IN ('latency_p95', 'latency_p99', 'error_rate', 'availability')),
    threshold REAL NOT NULL,
    description TEXT NOT NULL,
    PRIMARY KEY (environment, metric_name, slo_type));
INSERT INTO slo_definitions VALUES
    ('prod', 'http_server_duration', 'latency_p95', 0.5, 'P95 latency < 500ms'),
    ('prod', 'http_server_duration', 'error_rate', 1.0, 'Error rate < 1%'),
    ('dev', 'http_server_duration', 'latency_p95', 1.0, 'P95 latency < 1s'),
    ('dev', 'http_server_duration', 'error_rate', 5.0, 'Error rate < 5%');

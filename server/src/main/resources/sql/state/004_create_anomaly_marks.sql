-- For SQLite: what people said of anomalies: expected (shown, no alert) or excluded (neither judged nor learned), of series and from when to when; an empty text fits all. Times: ms since 1970. Parameters: none.
CREATE TABLE anomaly_marks (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('expected', 'excluded')),
    signal TEXT NOT NULL,
    environment TEXT NOT NULL,
    service_name TEXT NOT NULL,
    http_route TEXT NOT NULL,
    from_millis INTEGER NOT NULL,
    to_millis INTEGER NOT NULL,
    comment TEXT NOT NULL,
    marked_at INTEGER NOT NULL)

-- For SQLite: what was decided to be an alert, by SLOs, data quality, anomalies and cost. Times: ms since 1970, NULL if not yet; subject and detail: JSON. Parameters: none.
CREATE TABLE alerts (
    id TEXT NOT NULL PRIMARY KEY,
    source TEXT NOT NULL CHECK (source IN ('slo', 'quality', 'anomaly', 'cost')),
    rule TEXT NOT NULL,
    severity TEXT NOT NULL CHECK (severity IN ('page', 'ticket', 'info')),
    subject TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'firing', 'resolved')),
    started_at INTEGER NOT NULL,
    fired_at INTEGER,
    last_seen_at INTEGER NOT NULL,
    resolved_at INTEGER,
    value REAL,
    threshold REAL,
    summary TEXT NOT NULL,
    detail TEXT NOT NULL);
CREATE UNIQUE INDEX alerts_open ON alerts (source, rule, severity, subject) WHERE state != 'resolved';
CREATE INDEX alerts_resolved ON alerts (resolved_at) WHERE state = 'resolved';

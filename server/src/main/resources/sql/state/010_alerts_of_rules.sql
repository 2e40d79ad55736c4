-- For SQLite: alerts of Prometheus' rules, too (the table made anew, for its check of sources). Times: ms since 1970; subject and detail: JSON. Parameters: none.
CREATE TABLE alerts_new (
    id TEXT NOT NULL PRIMARY KEY,
    source TEXT NOT NULL CHECK (source IN ('slo', 'quality', 'anomaly', 'cost', 'health', 'rule')),
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
INSERT INTO alerts_new SELECT * FROM alerts;
DROP TABLE alerts;
ALTER TABLE alerts_new RENAME TO alerts;
CREATE UNIQUE INDEX alerts_open ON alerts (source, rule, severity, subject) WHERE state != 'resolved';
CREATE INDEX alerts_resolved ON alerts (resolved_at) WHERE state = 'resolved';

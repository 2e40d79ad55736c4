-- For SQLite: alerts of health checks, too (the table made anew, for its check of sources); what receivers were told of them, and silences. Times: ms since 1970; alerts, matchers: JSON lists. Parameters: none.
CREATE TABLE alerts_new (
    id TEXT NOT NULL PRIMARY KEY,
    source TEXT NOT NULL CHECK (source IN ('slo', 'quality', 'anomaly', 'cost', 'health')),
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
CREATE TABLE alert_notices (
    receiver TEXT NOT NULL,
    group_key TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    alerts TEXT NOT NULL,
    PRIMARY KEY (receiver, group_key));
CREATE TABLE alert_silences (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    matchers TEXT NOT NULL,
    from_millis INTEGER NOT NULL,
    to_millis INTEGER NOT NULL,
    comment TEXT NOT NULL,
    made_at INTEGER NOT NULL);

-- For SQLite: which label of a metric who asked for last; asked_at in seconds since 1970. Parameters: none.
CREATE TABLE asked_labels (metric_name TEXT NOT NULL, label TEXT NOT NULL, source TEXT NOT NULL, asked_at INTEGER NOT NULL, PRIMARY KEY (metric_name, label, source)) WITHOUT ROWID;

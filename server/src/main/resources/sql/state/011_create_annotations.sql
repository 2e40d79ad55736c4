-- For SQLite: what happened, for charts: a moment (from = to) or a time; labels: JSON. Times: ms since 1970. Parameters: none.
CREATE TABLE annotations (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('deployment', 'incident', 'note')),
    text TEXT NOT NULL,
    labels TEXT NOT NULL,
    from_millis INTEGER NOT NULL,
    to_millis INTEGER NOT NULL,
    made_at INTEGER NOT NULL)

-- For SQLite: views of the dashboard by name (address: path and query), and its settings. Times: ms since 1970. Parameters: none.
CREATE TABLE views (
    name TEXT NOT NULL PRIMARY KEY,
    address TEXT NOT NULL,
    saved_at INTEGER NOT NULL);
CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL)

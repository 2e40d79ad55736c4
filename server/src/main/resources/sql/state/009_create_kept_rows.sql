-- For SQLite: rows of results that no point tells, block by block as the engine's tab-separated lines (zstd), and until when they are kept, ms since 1970. forecast_coverage: how many past forecasts of a signal, step and model were judged, and how many of them were within their intervals; forecast_judged: up to when, seconds since 1970. Parameters: none.
CREATE TABLE kept_rows (
    block INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    table_name TEXT NOT NULL,
    until INTEGER NOT NULL,
    columns TEXT NOT NULL,
    lines BLOB NOT NULL);
CREATE INDEX kept_rows_until ON kept_rows (table_name, until);
CREATE TABLE forecast_coverage (
    signal TEXT NOT NULL,
    step TEXT NOT NULL,
    model TEXT NOT NULL,
    judged INTEGER NOT NULL,
    within80 INTEGER NOT NULL,
    within95 INTEGER NOT NULL,
    PRIMARY KEY (signal, step, model));
CREATE TABLE forecast_judged (signal TEXT NOT NULL, step TEXT NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (signal, step));

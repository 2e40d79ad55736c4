-- A table of the engine without its rows: what was computed since then is not looked at. Parameters: ${database}; ${engine}, database of the table; ${table}.
CREATE OR REPLACE VIEW ${database}.${table} AS
SELECT * FROM ${engine}.${table} WHERE 0

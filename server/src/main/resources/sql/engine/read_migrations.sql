-- Reads the versions of the migrations that were applied. Parameters: ${database}.
SELECT DISTINCT version, name FROM ${database}.firn_migrations ORDER BY version

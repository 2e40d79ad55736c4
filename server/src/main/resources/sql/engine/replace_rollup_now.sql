-- Replaces a view of a rollup that is right at once: stored rows, and rows of points in windows that are open or marked. Parameters: ${database}; ${table}; ${columns}; ${stored}, condition on the stored rows that hold; ${rows}, a SELECT of the others.
CREATE OR REPLACE VIEW ${database}.${table}_now AS
SELECT ${columns} FROM ${database}.${table} FINAL WHERE ${stored}
UNION ALL
SELECT ${columns} FROM (${rows})

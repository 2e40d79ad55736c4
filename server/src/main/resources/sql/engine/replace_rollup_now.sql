-- Replaces a view of a rollup that is right at once: stored rows, and rows of points in windows that are open or marked. Parameters: ${database}; ${view}, its name; ${table}; ${columns}; ${stored}, condition on the stored rows that hold; ${rows}, a SELECT of the others.
CREATE OR REPLACE VIEW ${database}.${view} AS
SELECT ${columns} FROM ${database}.${table} FINAL WHERE ${stored}
UNION ALL
SELECT ${columns} FROM (${rows})

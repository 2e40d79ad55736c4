-- Counts the rows that a job replaces by those of the lake. Parameters: ${database}, ${table}, ${condition} (on src, seq and time).
SELECT count() FROM ${database}.${table} WHERE ${condition}

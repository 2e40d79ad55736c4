-- Takes out the rows that a job replaces by those of the lake. Parameters: ${database}, ${table}, ${condition} (on src, seq and time).
DELETE FROM ${database}.${table} WHERE ${condition}
SETTINGS lightweight_deletes_sync = 2

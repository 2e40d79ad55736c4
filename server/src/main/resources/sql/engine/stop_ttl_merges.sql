-- Keeps TTL merges from changing counts. Parameters: ${database}, ${table}.
SYSTEM STOP TTL MERGES ${database}.${table}

-- Lets TTL merges go on after counting. Parameters: ${database}, ${table}.
SYSTEM START TTL MERGES ${database}.${table}

-- Empties a table whose rows all come anew from the lake. Parameters: ${database}, ${table}.
TRUNCATE TABLE ${database}.${table}

-- Reads up to which block this engine has a table's kept rows; 0 where the table has none. Parameters: ${database}, ${table}.
SELECT if((SELECT count() FROM ${database}.${table}) = 0, 0, max(block)) FROM ${database}.firn_kept_blocks WHERE table_name = '${table}'

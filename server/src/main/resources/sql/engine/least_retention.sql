-- Finds the least retention that a writer's rows were stored with; 65535 if there are none. Parameters: ${database}, ${table}, ${src}, ${after} (cut), ${up_to} (cut).
SELECT if(count() = 0, 65535, min(retention_days))
FROM ${database}.${table}
WHERE src = '${src}' AND seq > ${after} AND seq <= ${up_to}

-- Backs the database up into files. Parameters: ${database}, ${place} (below the backups' folder).
BACKUP DATABASE ${database} TO File('${place}')

-- Restores the database from files. Parameters: ${database}, ${place} (below the backups' folder).
RESTORE DATABASE ${database} FROM File('${place}')

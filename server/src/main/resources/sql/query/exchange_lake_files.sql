-- Puts the new table of files in the old one's place. Parameters: ${lake}.
EXCHANGE TABLES ${lake}.files AND ${lake}.files_next

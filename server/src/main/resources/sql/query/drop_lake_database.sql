-- Drops a question's database; the lake's files stay. Parameters: ${lake}.
DROP DATABASE IF EXISTS ${lake} SYNC

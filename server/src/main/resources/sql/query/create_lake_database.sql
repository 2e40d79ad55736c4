-- The database of the lake's file lists. Parameters: ${lake}.
CREATE DATABASE IF NOT EXISTS ${lake}

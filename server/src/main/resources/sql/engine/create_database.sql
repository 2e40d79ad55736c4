-- Creates the database. Parameters: ${database}.
CREATE DATABASE IF NOT EXISTS ${database}

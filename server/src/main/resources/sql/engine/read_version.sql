-- Reads ClickHouse's version. Parameters: none.
SELECT version()

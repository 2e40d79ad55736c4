-- For SQLite: a digest of what the engine showed last, so that what was inserted there is told from what was changed here. Parameters: none.
CREATE TABLE slo_definitions_shown (digest TEXT NOT NULL)

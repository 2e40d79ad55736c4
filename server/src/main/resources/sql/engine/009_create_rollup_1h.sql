-- Creates rollup_1h: as rollup_5m, a window is 1 hour. Parameters: ${database}.
CREATE TABLE IF NOT EXISTS ${database}.rollup_1h AS ${database}.rollup_5m

-- Reads the earliest window of rollup_5m, seconds since 1970, and whether there is one. Parameters: ${database}.
SELECT toUnixTimestamp(min(time)), count() > 0 FROM ${database}.rollup_5m

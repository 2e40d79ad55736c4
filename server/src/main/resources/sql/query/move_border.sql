-- Moves the border on, at once for all readers. Parameters: ${lake}; ${millis} since 1970.
INSERT INTO ${lake}.border VALUES (fromUnixTimestamp64Milli(toInt64(${millis}), 'UTC'))

-- Reads the border, milliseconds since 1970; 0 while there is none. Parameters: ${lake}.
SELECT toUnixTimestamp64Milli(max(time)) FROM ${lake}.border

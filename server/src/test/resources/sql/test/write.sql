-- Tries to write. Parameters: none.
CREATE TABLE intruder (x UInt8) ENGINE = Memory

-- Reads over how many shards rows are spread, 0 before the first, and the number that INSERTs name. Parameters: ${database}.
SELECT max(shards), max(tokens) FROM ${database}.firn_placement

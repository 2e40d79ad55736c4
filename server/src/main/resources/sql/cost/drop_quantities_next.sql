-- Drops what a broken replacement of the copy left. Parameters: ${database}.
DROP TABLE IF EXISTS ${database}.firn_cost_quantities_next SYNC

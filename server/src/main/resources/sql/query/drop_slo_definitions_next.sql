-- Drops the copy of the objectives that was replaced. Parameters: ${database}.
DROP TABLE IF EXISTS ${database}.slo_definitions_next

-- Gives the new copy of the objectives its name, where there was none. Parameters: ${database}.
RENAME TABLE ${database}.slo_definitions_next TO ${database}.slo_definitions

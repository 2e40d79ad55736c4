-- Puts the new copy of the objectives in place of the old one, at once for every reader. Parameters: ${database}.
EXCHANGE TABLES ${database}.slo_definitions_next AND ${database}.slo_definitions

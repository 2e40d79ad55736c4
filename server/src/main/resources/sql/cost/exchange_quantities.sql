-- Puts the new copy of what was metered in place of the old one. Parameters: ${database}.
EXCHANGE TABLES ${database}.firn_cost_quantities AND ${database}.firn_cost_quantities_next

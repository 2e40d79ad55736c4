-- How many series are stored, about: those whose rows are not merged yet count for each. Parameters: none.
SELECT sum(rows) FROM system.parts WHERE database = currentDatabase() AND table = 'series' AND active

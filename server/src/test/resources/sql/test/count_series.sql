-- Counts series. Parameters: none.
SELECT count() AS series FROM series

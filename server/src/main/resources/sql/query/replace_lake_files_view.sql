-- The data files that lake_points shows, with the bounds by which readers leave files out. Parameters: ${database}, ${lake}.
CREATE OR REPLACE VIEW ${database}.lake_files AS
SELECT *
FROM ${lake}.files
LIMIT 1 BY path

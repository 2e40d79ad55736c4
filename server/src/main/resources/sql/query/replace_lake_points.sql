-- The lake's points, one row a stored point, as docs/formats/lake.md has them. Parameters: ${database}, ${lake}, ${columns}.
CREATE OR REPLACE VIEW ${database}.lake_points AS
SELECT ${columns}
FROM ${lake}.points

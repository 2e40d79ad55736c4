-- What the lake knows of each series: the newest row of a fingerprint. Parameters: ${database}, ${lake}, ${columns}.
CREATE OR REPLACE VIEW ${database}.lake_series AS
SELECT ${columns}
FROM ${lake}.series
ORDER BY src DESC, seq DESC
LIMIT 1 BY fingerprint

-- Bytes that a point takes in the engine, with its rollups. Parameters: none.
SELECT toFloat64(sum(bytes_on_disk)) / greatest(sumIf(rows, table IN ('samples', 'histograms', 'exponential_histograms', 'summaries')), 1) AS bytes
FROM system.parts
WHERE active AND database = currentDatabase()

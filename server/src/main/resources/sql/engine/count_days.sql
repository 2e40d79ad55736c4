-- Counts points by UTC day since 1970, to compare with the lake. Parameters: ${database}, ${condition} (on src and seq).
SELECT day, sum(points)
FROM
(
    SELECT intDiv(toUnixTimestamp64Milli(time), 86400000) AS day, count() AS points FROM ${database}.samples WHERE ${condition} GROUP BY day
    UNION ALL
    SELECT intDiv(toUnixTimestamp64Milli(time), 86400000) AS day, count() AS points FROM ${database}.histograms WHERE ${condition} GROUP BY day
    UNION ALL
    SELECT intDiv(toUnixTimestamp64Milli(time), 86400000) AS day, count() AS points FROM ${database}.exponential_histograms WHERE ${condition} GROUP BY day
    UNION ALL
    SELECT intDiv(toUnixTimestamp64Milli(time), 86400000) AS day, count() AS points FROM ${database}.summaries WHERE ${condition} GROUP BY day
)
GROUP BY day
ORDER BY day

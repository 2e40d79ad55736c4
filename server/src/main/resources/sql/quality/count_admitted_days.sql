-- Rows of points of a stretch of the log's cuts, by plane and day since 1970. Parameters: {writer}; {after}, {to}, cuts, the first not included; {border}, seconds, before which rows may have gone.
SELECT s.plane AS plane, r.day AS day, sum(r.n) AS n
FROM
(
    SELECT metric_id, series_id, intDiv(toUnixTimestamp64Milli(time), 86400000) AS day, count() AS n
    FROM
    (
        SELECT metric_id, series_id, time FROM samples
        WHERE src = {writer:String} AND seq > {after:UInt64} AND seq <= {to:UInt64} AND time >= toDateTime({border:UInt32}, 'UTC')
        UNION ALL
        SELECT metric_id, series_id, time FROM histograms
        WHERE src = {writer:String} AND seq > {after:UInt64} AND seq <= {to:UInt64} AND time >= toDateTime({border:UInt32}, 'UTC')
        UNION ALL
        SELECT metric_id, series_id, time FROM exponential_histograms
        WHERE src = {writer:String} AND seq > {after:UInt64} AND seq <= {to:UInt64} AND time >= toDateTime({border:UInt32}, 'UTC')
        UNION ALL
        SELECT metric_id, series_id, time FROM summaries
        WHERE src = {writer:String} AND seq > {after:UInt64} AND seq <= {to:UInt64} AND time >= toDateTime({border:UInt32}, 'UTC')
    )
    GROUP BY metric_id, series_id, day
) AS r
LEFT JOIN
(
    SELECT metric_id, series_id, any(CAST(data_plane_id, 'String')) AS plane FROM series GROUP BY metric_id, series_id
) AS s ON r.metric_id = s.metric_id AND r.series_id = s.series_id
GROUP BY plane, day

-- Rows of points of a stretch of the log's cuts, by cut. Parameters: {writer}; {after}, {to}, cuts, the first not included; {border}, seconds, before which rows may have gone.
SELECT seq, sum(n) AS n
FROM
(
    SELECT seq, count() AS n FROM samples
    WHERE src = {writer:String} AND seq > {after:UInt64} AND seq <= {to:UInt64} AND time >= toDateTime({border:UInt32}, 'UTC')
    GROUP BY seq
    UNION ALL
    SELECT seq, count() AS n FROM histograms
    WHERE src = {writer:String} AND seq > {after:UInt64} AND seq <= {to:UInt64} AND time >= toDateTime({border:UInt32}, 'UTC')
    GROUP BY seq
    UNION ALL
    SELECT seq, count() AS n FROM exponential_histograms
    WHERE src = {writer:String} AND seq > {after:UInt64} AND seq <= {to:UInt64} AND time >= toDateTime({border:UInt32}, 'UTC')
    GROUP BY seq
    UNION ALL
    SELECT seq, count() AS n FROM summaries
    WHERE src = {writer:String} AND seq > {after:UInt64} AND seq <= {to:UInt64} AND time >= toDateTime({border:UInt32}, 'UTC')
    GROUP BY seq
)
GROUP BY seq

-- Rows that are stored more than once by plane: how many more than points, and points of which they say different things; none where there are none. Parameters: none.
SELECT data_plane_id, environment, sum(duplicate_count) AS duplicates, sum(conflicts) AS conflicting_points, toString(max(date)) AS newest_day
FROM v_data_quality_duplicates
GROUP BY data_plane_id, environment
ORDER BY duplicates DESC, data_plane_id, environment
LIMIT 50

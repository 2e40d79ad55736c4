-- Hours of the last seven days whose longest request took more than the mean of such maxima of the 24 hours before, by four standard deviations; of hours with requests, of which there must be at least three before. Parameters: ${database}.
CREATE OR REPLACE VIEW ${database}.v_data_quality_anomalies AS
SELECT date, hour, environment, http_route, max_duration, avg_24h, stddev_24h
FROM
(
    SELECT
        date, hour, environment, http_route, max_duration,
        avg(max_duration) OVER before AS avg_24h,
        stddevPop(max_duration) OVER before AS stddev_24h,
        count() OVER before AS hours_before
    FROM
    (
        SELECT date, hour, environment, http_route, max(max_duration) AS max_duration,
            toInt64(toUnixTimestamp(toDateTime(date, 'UTC')) / 3600) + hour AS hour_number
        FROM ${database}.metrics_hourly_v2
        WHERE date >= toDate(now('UTC')) - 8 AND metric_name = 'http_server_duration'
        GROUP BY date, hour, environment, http_route
        HAVING isFinite(max_duration)
    )
    WINDOW before AS (PARTITION BY environment, http_route ORDER BY hour_number RANGE BETWEEN 24 PRECEDING AND 1 PRECEDING)
)
WHERE date >= toDate(now('UTC')) - 7 AND hours_before >= 3 AND max_duration > avg_24h + 4 * stddev_24h

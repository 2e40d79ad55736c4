-- The seed's view of the next seven days' HTTP requests by environment, tomorrow first, from the newest daily forecast; slope (requests a day) and intercept are of the least-squares line over these seven days, tomorrow being day 1. Parameters: ${database}.
CREATE OR REPLACE VIEW ${database}.v_request_forecast AS
SELECT
    environment,
    tupleElement(line, 1) AS slope,
    tupleElement(line, 2) AS intercept,
    arrayMap(one -> one.2, days) AS forecasted_requests,
    arrayMap(one -> toString(one.1), days) AS forecast_dates,
    arrayMap(one -> one.3, days) AS low95,
    arrayMap(one -> one.4, days) AS high95,
    issued_at
FROM
(
    SELECT
        environment,
        max(f.issued_at) AS issued_at,
        simpleLinearRegression(toFloat64(dateDiff('day', toDate(now('UTC')), toDate(f.target_time))), f.value) AS line,
        arraySort(groupArray((toDate(f.target_time), f.value, f.low95, f.high95))) AS days
    FROM ${database}.forecasts AS f FINAL
    WHERE f.signal = 'requests' AND f.step = 'day' AND f.service_name = ''
        AND toDate(f.target_time) > toDate(now('UTC')) AND toDate(f.target_time) <= toDate(now('UTC')) + 7
        AND (f.environment, f.issued_at) IN
        (
            SELECT environment, max(issued_at) FROM ${database}.forecasts
            WHERE signal = 'requests' AND step = 'day' AND service_name = '' AND issued_at >= now('UTC') - INTERVAL 3 DAY
            GROUP BY environment
        )
    GROUP BY environment
)

-- What came in each hour, by series, of all kinds of distributions: events, their sum, and their spread, in base units. Parameters: ${database}.
CREATE OR REPLACE VIEW ${database}.distribution_hours AS
SELECT
    i.metric_id AS metric_id,
    i.series_id AS series_id,
    toStartOfHour(toDateTime(i.time, 'UTC')) AS start,
    sum(i.count_increase) AS events,
    sum(i.sum_increase / l.divisor * l.multiplier) AS total,
    min(if(isInfinite(i.least), nan, i.least)) / any(l.divisor) * any(l.multiplier) AS least,
    max(if(isInfinite(i.greatest), nan, i.greatest)) / any(l.divisor) * any(l.multiplier) AS greatest,
    quantilesExactWeightedArrayState(0.5, 0.95, 0.99)(arrayMap(value -> value / l.divisor * l.multiplier, i.spread_values), i.spread_weights) AS spread,
    sum(arraySum(i.spread_weights)) AS spread_events
FROM
(
    SELECT metric_id, series_id, time, count_increase, sum_increase, spread_values, spread_weights, least, greatest
    FROM ${database}.histogram_increases WHERE count_increase > 0
    UNION ALL
    SELECT metric_id, series_id, time, count_increase, sum_increase, spread_values, spread_weights, least, greatest
    FROM ${database}.exponential_increases WHERE count_increase > 0
    UNION ALL
    SELECT metric_id, series_id, time, count_increase, sum_increase, CAST([], 'Array(Float64)'), CAST([], 'Array(UInt64)'), -inf, inf
    FROM ${database}.summary_increases WHERE count_increase > 0
) AS i
INNER JOIN ${database}.series_labels AS l ON i.metric_id = l.metric_id AND i.series_id = l.series_id
GROUP BY metric_id, series_id, start

-- Distributions of several rows as one: not a view, but what views are made of. What lies beyond the last bound counts as that bound. Parameters: ${keys}, columns; ${spread}, 03_spread_distributions by them.
SELECT
    ${keys},
    events,
    errors,
    status_2xx,
    status_3xx,
    client_errors,
    total,
    least,
    greatest,
    services,
    series,
    spread,
    spread_events,
    if(spread_events = 0, [nan, nan, nan], finalizeAggregation(spread)) AS quantiles
FROM
(
    SELECT
        ${keys},
        sum(s.events) AS events,
        sum(s.errors) AS errors,
        sum(s.status_2xx) AS status_2xx,
        sum(s.status_3xx) AS status_3xx,
        sum(s.client_errors) AS client_errors,
        sum(s.total) AS total,
        min(s.least) AS least,
        max(s.greatest) AS greatest,
        arrayStringConcat(arraySort(groupUniqArrayArray(s.services)), ',') AS services,
        uniqExactMerge(s.series_seen) AS series,
        quantilesExactWeightedArrayState(0.5, 0.95, 0.99)(s.places, s.weights) AS spread,
        sum(arraySum(s.weights)) AS spread_events
    FROM
    (
${spread}
    ) AS s
    GROUP BY ${keys}
)

-- Distributions with their events spread: not a view, but a part of what views and the dashboard read. Buckets are added up where bounds (or scale) and unit are equal, then spread over places in base units: each explicit bucket's events over ten, linear, an exponential one's to its geometric middle; what lies beyond the last bound to that bound. Parameters: ${database}; ${rows}, a view of 20_distributions; ${keys}, columns; ${where}.
WITH (value) -> value / d.divisor * d.multiplier AS in_base_unit
SELECT
    *,
    arrayConcat(
        arrayFlatten(arrayMap(
            (count, i) -> if(count = 0 OR empty(d.bounds), [], arrayMap(
                place -> in_base_unit(multiIf(
                    i > length(d.bounds), d.bounds[-1],
                    i > 1, d.bounds[i - 1] + (d.bounds[i] - d.bounds[i - 1]) * (place + 0.5) / 10,
                    d.bounds[1] > 0, d.bounds[1] * (place + 0.5) / 10,
                    d.bounds[1])),
                range(10))),
            d.n, arrayEnumerate(d.n))),
        arrayMap(i -> in_base_unit(-exp2((i + 0.5) * exp2(-d.scale))), d.negative.1),
        if(d.zeros > 0, [0.], []),
        arrayMap(i -> in_base_unit(exp2((i + 0.5) * exp2(-d.scale))), d.positive.1)) AS places,
    arrayConcat(
        arrayFlatten(arrayMap(
            count -> if(count = 0 OR empty(d.bounds), [], arrayMap(
                place -> toUInt64(intDiv(count * (place + 1), 10) - intDiv(count * place, 10)),
                range(10))),
            d.n)),
        d.negative.2,
        if(d.zeros > 0, [d.zeros], []),
        d.positive.2) AS weights
FROM
(
    SELECT
        ${keys}, d.bounds AS bounds, d.scale AS scale, d.divisor AS divisor, d.multiplier AS multiplier,
        sum(d.events) AS events,
        sumIf(d.events, match(d.http_status_code, '^5[0-9][0-9]$')) AS errors,
        sumIf(d.events, match(d.http_status_code, '^2[0-9][0-9]$')) AS status_2xx,
        sumIf(d.events, match(d.http_status_code, '^3[0-9][0-9]$')) AS status_3xx,
        sumIf(d.events, match(d.http_status_code, '^4[0-9][0-9]$')) AS client_errors,
        sum(d.total) AS total,
        min(if(isInfinite(d.least), nan, d.least)) AS least,
        max(if(isInfinite(d.greatest), nan, d.greatest)) AS greatest,
        groupUniqArray(d.service_name) AS services,
        uniqExactState(d.metric_id, d.series_id) AS series_seen,
        sumForEach(d.buckets) AS n,
        sumMap(d.positive_places, d.positive_buckets) AS positive,
        sumMap(d.negative_places, d.negative_buckets) AS negative,
        sum(d.zero_count) AS zeros
    FROM ${database}.${rows} AS d
    WHERE ${where}
    GROUP BY ${keys}, d.bounds, d.scale, d.divisor, d.multiplier
) AS d

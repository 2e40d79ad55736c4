-- Requests to HTTP servers, 5xx among them, seconds in all, and quantiles of a request's seconds (NaN without buckets). Parameters: ${keys}, columns; ${merged}, 21_merged_distributions by them; ${rows_max}.
SELECT
    ${keys},
    q.events AS requests,
    q.errors AS errors,
    q.total AS seconds,
    q.quantiles[1] AS p50,
    q.quantiles[2] AS p95,
    q.quantiles[3] AS p99
FROM
(
${merged}
) AS q
ORDER BY ${keys}
LIMIT ${rows_max}

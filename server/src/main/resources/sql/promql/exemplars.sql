-- Exemplars of series, each once, in order of time. Parameters: ${database}; ${keys}, pairs of metric_id and series_id; ${from}, ${to}, ms since 1970, both included; ${limit}, rows.
SELECT
    series_id,
    intDiv(if(exemplar_time = 0, toUnixTimestamp64Nano(CAST(time, 'DateTime64(9)')), toInt64(exemplar_time)), 1000000) AS at,
    if(bitAnd(flags, 16777216) > 0, toFloat64(value_int), value) AS number,
    trace_id, span_id, attributes
FROM ${database}.exemplars
WHERE (metric_id, series_id) IN (${keys})
    AND at BETWEEN ${from} AND ${to}
ORDER BY metric_id, series_id, at, ordinal
LIMIT 1 BY series_id, at, number, trace_id, span_id
LIMIT ${limit}
FORMAT TabSeparated

-- How far an objective is counted; cuts: a line for each writer. Parameters: {slo}; {definition}.
SELECT
    toUnixTimestamp(counted_from) AS since, toUnixTimestamp(as_of) AS until, looked_at,
    arrayStringConcat(arrayMap(pair -> concat(pair.1, '=', toString(pair.2)), CAST(cuts, 'Array(Tuple(String, UInt64))')), '\n') AS seen
FROM slo_progress
WHERE slo = {slo:String} AND definition = {definition:UInt64}

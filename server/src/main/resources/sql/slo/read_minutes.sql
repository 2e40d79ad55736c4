-- Minutes of an objective in a range. Parameters: {slo}; {definition}; {from}, {to}, seconds.
SELECT
    group_values, toUnixTimestamp(minute) AS at, total, good_lower, good_upper, good_estimate, unknown_baseline, measured, below, above
FROM slo_minutes
WHERE slo = {slo:String} AND definition = {definition:UInt64} AND minute >= toDateTime({from:UInt32}, 'UTC') AND minute < toDateTime({to:UInt32}, 'UTC')

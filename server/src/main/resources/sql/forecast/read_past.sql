-- What was forecast of the steps that begin in a range, at all origins before them. Parameters: {signal}, {step}; {from}, {to}, seconds.
SELECT environment, service_name, toUnixTimestamp(target_time) AS at, model, low80, high80, low95, high95
FROM forecasts FINAL
WHERE signal = {signal:String} AND step = {step:String} AND issued_at <= target_time
    AND issued_at >= toDateTime({from:UInt32}, 'UTC') - toIntervalDay(if({step:String} = 'hour', 8, 92))
    AND target_time >= toDateTime({from:UInt32}, 'UTC') AND target_time < toDateTime({to:UInt32}, 'UTC')

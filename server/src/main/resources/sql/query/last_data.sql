-- Tells the time of the newest point that is not from the future, in seconds since 1970; 0 without one. Bounds of parts suffice, but for parts that reach into the future. Parameters: ${database}.
WITH
    now() AS moment,
    ahead AS (
        SELECT name FROM system.parts
        WHERE database = '${database}' AND active AND max_time > moment
            AND table IN ('samples', 'histograms', 'exponential_histograms', 'summaries'))
SELECT greatest(
    (SELECT toUnixTimestamp(max(max_time)) FROM system.parts
        WHERE database = '${database}' AND active AND max_time <= moment
            AND table IN ('samples', 'histograms', 'exponential_histograms', 'summaries')),
    (SELECT toUnixTimestamp(toDateTime(maxIf(time, time <= moment))) FROM ${database}.samples WHERE _part IN (ahead)),
    (SELECT toUnixTimestamp(toDateTime(maxIf(time, time <= moment))) FROM ${database}.histograms WHERE _part IN (ahead)),
    (SELECT toUnixTimestamp(toDateTime(maxIf(time, time <= moment))) FROM ${database}.exponential_histograms WHERE _part IN (ahead)),
    (SELECT toUnixTimestamp(toDateTime(maxIf(time, time <= moment))) FROM ${database}.summaries WHERE _part IN (ahead)))

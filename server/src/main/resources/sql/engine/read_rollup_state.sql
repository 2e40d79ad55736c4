-- Reads up to where windows are closed, seconds since 1970, and the greatest version used. Parameters: ${database}.
SELECT
    toUnixTimestamp(argMax(closed_to, version)),
    greatest(max(version), (SELECT max(version) FROM ${database}.firn_rollup_marks), (SELECT max(version) FROM ${database}.rollup_5m))
FROM ${database}.firn_rollup_state

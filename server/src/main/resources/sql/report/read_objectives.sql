-- Objectives as they were evaluated last, what is breached first. Parameters: none.
SELECT
    status, slo, replaceRegexpAll(group_values, '[{}"]', '') AS of,
    100 * sli AS sli_percent, 100 * toFloat64(target) AS target_percent, toFloat64(total) AS events,
    100 * budget_left AS budget_left_percent, burn_1h, 100 * coverage AS coverage_percent, toString(as_of) AS as_of, advice
FROM v_slo_status
ORDER BY indexOf(['breached', 'undetermined', 'met'], status), slo, of
LIMIT 200

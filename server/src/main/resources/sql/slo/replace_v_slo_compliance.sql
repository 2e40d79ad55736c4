-- Creates v_slo_compliance: the seed's columns of each objective and group, over its window as it was evaluated last. Hours are those with traffic, cut to the window; compliant ones had enough good events for sure. Parameters: ${database}.
CREATE OR REPLACE VIEW ${database}.v_slo_compliance AS
SELECT
    r.environment AS environment,
    r.metric_name AS metric_name,
    r.slo_type AS slo_type,
    r.threshold AS threshold,
    r.description AS description,
    countIf(h.total > 0 AND toDecimal128(h.good_lower, 0) >= toDecimal128(r.target, 12) * h.total) AS compliant_hours,
    countIf(h.total > 0) AS total_hours,
    any(r.sli) * 100 AS slo_compliance_percent,
    any(r.slo_tier) AS slo_tier,
    countIf(h.total > 0 AND toDecimal128(h.good_lower, 0) < toDecimal128(r.target, 12) * h.total
        AND toDecimal128(h.good_upper, 0) >= toDecimal128(r.target, 12) * h.total) AS undetermined_hours,
    r.slo AS slo,
    r.group_values AS group_values,
    any(r.service) AS service,
    any(r.origin) AS origin,
    any(toFloat64(r.target)) AS target,
    any(r.status) AS status,
    any(r.total) AS events,
    any(r.sli_lower) AS sli_lower,
    any(r.sli_upper) AS sli_upper,
    any(r.budget_left) AS budget_left,
    any(r.burn_1h) AS burn_1h,
    any(r.coverage) AS coverage,
    any(r.as_of) AS as_of,
    any(r.window_from) AS window_from,
    any(r.window_to) AS window_to,
    any(r.advice) AS advice
FROM ${database}.v_slo_status AS r
LEFT JOIN
(
    SELECT
        m.slo AS slo, m.definition AS definition, m.group_values AS group_values, toStartOfHour(m.minute) AS hour,
        sum(m.total) AS total, sum(m.good_lower) AS good_lower, sum(m.good_upper) AS good_upper
    FROM
    (
        SELECT * FROM ${database}.slo_minutes FINAL
        WHERE minute >= (SELECT min(window_from) FROM ${database}.v_slo_status)
    ) AS m
    INNER JOIN ${database}.v_slo_status AS w ON m.slo = w.slo AND m.definition = w.definition AND m.group_values = w.group_values
    WHERE m.minute >= w.window_from AND m.minute < w.as_of
    GROUP BY m.slo, m.definition, m.group_values, hour
) AS h ON r.slo = h.slo AND r.definition = h.definition AND r.group_values = h.group_values
GROUP BY environment, metric_name, slo_type, threshold, description, slo, group_values

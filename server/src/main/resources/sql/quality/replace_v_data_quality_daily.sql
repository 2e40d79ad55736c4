-- Each of the last thirty days of each source: its score (share of checks without an incident that day, a warning weighing half, in percent), what failed, and how many incidents began, ended and were open at the day's end. Those of a whole plane or service count at each of its sources. Parameters: ${database}; ${checks}, how many there are.
CREATE OR REPLACE VIEW ${database}.v_data_quality_daily AS
SELECT
    date, data_plane_id, environment, service_name,
    100 * (1 - sum(weight) / ${checks}) AS score,
    arraySort(groupArrayIf(check_id, weight > 0)) AS failing,
    sum(began) AS incidents_began,
    sum(ended) AS incidents_ended,
    sum(stayed) AS incidents_open
FROM
(
    SELECT
        date, data_plane_id, environment, service_name, check_id,
        max(here * if(severity = 'fail', 1, 0.5)) AS weight,
        sum(here * (first_date = date)) AS began,
        sum(here * (state = 'resolved' AND last_date = date)) AS ended,
        sum(here * (state != 'resolved' OR last_date > date)) AS stayed
    FROM
    (
        SELECT
            s.date AS date, s.data_plane_id AS data_plane_id, s.environment AS environment, s.service_name AS service_name,
            i.check_id AS check_id, i.severity AS severity, i.state AS state, i.first_date AS first_date, i.last_date AS last_date,
            toUInt8(i.check_id != '' AND (i.environment = s.environment OR i.check_id = 'reconciliation')
                AND (i.service_name = s.service_name OR i.service_name = '' AND i.metric_name = '')) AS here
        FROM
        (
            SELECT DISTINCT
                arrayJoin(arrayMap(day -> toDate(toDate(now('UTC')) - day), range(30))) AS date,
                CAST(data_plane_id, 'String') AS data_plane_id, CAST(environment, 'String') AS environment, CAST(service_name, 'String') AS service_name
            FROM ${database}.series FINAL
            WHERE date BETWEEN first_seen AND last_seen
        ) AS s
        LEFT JOIN
        (
            SELECT
                check_id, severity, state, data_plane_id, environment, service_name, metric_name,
                toDate(first_seen, 'UTC') AS first_date,
                toDate(if(state = 'resolved', coalesce(resolved_at, last_seen), now64(3)), 'UTC') AS last_date,
                greatest(first_date, toDate(now('UTC')) - 29) AS told_from,
                arrayJoin(arrayMap(day -> toDate(told_from + day), range(toUInt64(greatest(0, 1 + last_date - told_from))))) AS date
            FROM ${database}.quality_incidents
        ) AS i ON s.date = i.date AND s.data_plane_id = i.data_plane_id
    )
    GROUP BY date, data_plane_id, environment, service_name, check_id
)
GROUP BY date, data_plane_id, environment, service_name

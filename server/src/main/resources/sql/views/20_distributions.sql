-- Rows of a rollup in which a distribution of any kind got events, with the labels that views ask for. least and greatest bound the window's events in the base unit: what points carried of their own interval (delta), else the edges of the outermost buckets that something fell into, within the stream's own bounds; infinite where nothing is known. Parameters: ${database}; ${view}; ${rollup}, a view that is right at once, or a table's stored rows.
CREATE OR REPLACE VIEW ${database}.${view} AS
SELECT
    r.time AS start,
    r.metric_id AS metric_id,
    r.series_id AS series_id,
    l.metric_name AS metric_name,
    l.environment AS environment,
    l.data_plane_id AS data_plane_id,
    l.service_name AS service_name,
    l.http_route AS http_route,
    l.http_status_code AS http_status_code,
    l.is_duration AS is_duration,
    l.divisor AS divisor,
    l.multiplier AS multiplier,
    toUInt64(r.increase) AS events,
    r.sum_increase / l.divisor * l.multiplier AS total,
    r.bounds AS bounds,
    r.buckets AS buckets,
    r.scale AS scale,
    r.zero_count AS zero_count,
    arrayMap(i -> toInt32(r.positive_offset + i - 1), arrayEnumerate(r.positive_buckets)) AS positive_places,
    r.positive_buckets AS positive_buckets,
    arrayMap(i -> toInt32(r.negative_offset + i - 1), arrayEnumerate(r.negative_buckets)) AS negative_places,
    r.negative_buckets AS negative_buckets,
    arrayFirstIndex(n -> n > 0, r.buckets) AS lowest,
    arrayLastIndex(n -> n > 0, r.buckets) AS highest,
    arrayFirstIndex(n -> n > 0, r.positive_buckets) AS positive_lowest,
    arrayLastIndex(n -> n > 0, r.positive_buckets) AS positive_highest,
    arrayFirstIndex(n -> n > 0, r.negative_buckets) AS negative_lowest,
    arrayLastIndex(n -> n > 0, r.negative_buckets) AS negative_highest,
    exp2(-r.scale) AS step,
    multiIf(
        l.temporality = 'delta' AND NOT isNaN(r.min), -inf,
        negative_highest > 0, -exp2((r.negative_offset + negative_highest) * step),
        r.zero_count > 0, 0 - r.zero_threshold,
        positive_lowest > 0, exp2((r.positive_offset + positive_lowest - 1) * step),
        lowest = 0 OR empty(r.bounds), -inf,
        lowest > 1, r.bounds[lowest - 1],
        r.bounds[1] > 0, 0.,
        -inf) AS lower_edge,
    multiIf(
        l.temporality = 'delta' AND NOT isNaN(r.max), inf,
        positive_highest > 0, exp2((r.positive_offset + positive_highest) * step),
        r.zero_count > 0, r.zero_threshold,
        negative_lowest > 0, -exp2((r.negative_offset + negative_lowest - 1) * step),
        highest = 0 OR highest > length(r.bounds), inf,
        r.bounds[highest]) AS upper_edge,
    greatest(if(isNaN(r.min), -inf, r.min), lower_edge) / l.divisor * l.multiplier AS least,
    least(if(isNaN(r.max), inf, r.max), upper_edge) / l.divisor * l.multiplier AS greatest
FROM ${rollup} AS r
INNER JOIN ${database}.series_labels AS l ON r.metric_id = l.metric_id AND r.series_id = l.series_id
WHERE r.increase > 0 AND l.metric_type IN ('histogram', 'exponential_histogram', 'summary')
    AND r.metric_id IN (SELECT metric_id FROM ${database}.series WHERE type IN ('histogram', 'exponential_histogram', 'summary'))

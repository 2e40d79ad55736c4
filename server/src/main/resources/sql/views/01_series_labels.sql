-- Names and labels of each series as the views show them: the name in Prometheus' form (unit and type as words), both HTTP conventions as http_server_duration; a duration's value / divisor * multiplier is in seconds, of others both are 1. Division, because sums of milliseconds / 1000 are exact. Parameters: ${database}.
CREATE OR REPLACE VIEW ${database}.series_labels AS
WITH
    position(s.unit, '/') AS stroke,
    trimBoth(if(stroke = 0, s.unit, substring(s.unit, 1, stroke - 1))) AS main_code,
    trimBoth(if(stroke = 0, '', substring(s.unit, stroke + 1))) AS per_code,
    transform(
        if(match(main_code, '[{}]'), '', main_code),
        ['d', 'h', 'min', 's', 'ms', 'us', 'ns', 'By', 'KiBy', 'MiBy', 'GiBy', 'TiBy', 'kBy', 'KBy', 'MBy', 'GBy', 'TBy',
            'm', 'V', 'A', 'J', 'W', 'g', 'Cel', 'Hz', '1', '%'],
        ['days', 'hours', 'minutes', 'seconds', 'milliseconds', 'microseconds', 'nanoseconds', 'bytes', 'kibibytes', 'mebibytes',
            'gibibytes', 'tebibytes', 'kilobytes', 'kilobytes', 'megabytes', 'gigabytes', 'terabytes',
            'meters', 'volts', 'amperes', 'joules', 'watts', 'grams', 'celsius', 'hertz', '', 'percent'],
        if(match(main_code, '[{}]'), '', main_code)) AS main_word,
    if(
        per_code = '' OR match(per_code, '[{}]'),
        '',
        concat('per_', transform(per_code, ['s', 'm', 'h', 'd', 'w', 'mo', 'y'], ['second', 'minute', 'hour', 'day', 'week', 'month', 'year'], per_code))) AS per_word,
    replaceRegexpOne(replaceRegexpOne(replaceRegexpAll(main_word, '[^a-zA-Z0-9:]+', '_'), '^_', ''), '_$', '') AS main_clean,
    replaceRegexpOne(replaceRegexpOne(replaceRegexpAll(per_word, '[^a-zA-Z0-9:]+', '_'), '^_', ''), '_$', '') AS per_clean,
    if(main_clean = 'per', '', main_clean) AS main,
    if(per_clean = 'per', '', per_clean) AS per,
    arrayFilter(word -> word != '', splitByRegexp('[^a-zA-Z0-9:]+', s.name)) AS words,
    if(main = '' OR has(words, main), words, arrayPushBack(words, main)) AS with_main,
    if(per = '' OR has(with_main, per), with_main, arrayPushBack(with_main, per)) AS with_per,
    multiIf(
        s.type = 'sum' AND s.monotonic = 1, arrayPushBack(arrayFilter(word -> word != 'total', with_per), 'total'),
        s.type = 'gauge' AND s.unit = '1', arrayPushBack(arrayFilter(word -> word != 'ratio', with_per), 'ratio'),
        with_per) AS all_words,
    replaceRegexpOne(arrayStringConcat(all_words, '_'), '^([0-9])', '_\\1') AS translated,
    s.name IN ('http.server.request.duration', 'http.server.duration', 'http_server_request_duration', 'http_server_duration')
        AND s.type IN ('histogram', 'exponential_histogram', 'summary') AS is_http
SELECT
    s.metric_id AS metric_id,
    s.series_id AS series_id,
    multiIf(is_http, 'http_server_duration', translated = '', s.name, translated) AS metric_name,
    s.name AS otel_name,
    s.type AS metric_type,
    s.unit AS unit,
    s.temporality AS temporality,
    s.monotonic AS monotonic,
    s.http_method AS http_method,
    s.http_route AS http_route,
    s.http_status_code AS http_status_code,
    s.environment AS environment,
    s.data_plane_id AS data_plane_id,
    s.service_name AS service_name,
    s.cluster_id AS cluster_id,
    s.region AS region,
    s.unit IN ('ns', 'us', 'ms', 's', 'min', 'h', 'd') AS is_duration,
    transform(s.unit, ['ns', 'us', 'ms'], [1e9, 1e6, 1e3], 1.) AS divisor,
    transform(s.unit, ['min', 'h', 'd'], [60., 3600., 86400.], 1.) AS multiplier,
    s.stream AS stream
FROM
(
    SELECT
        metric_id, series_id, monotonic,
        CAST(metric_name, 'String') AS name, CAST(type, 'String') AS type, CAST(unit, 'String') AS unit, CAST(temporality, 'String') AS temporality,
        CAST(http_method, 'String') AS http_method, CAST(http_route, 'String') AS http_route, CAST(http_status_code, 'String') AS http_status_code,
        CAST(environment, 'String') AS environment, CAST(data_plane_id, 'String') AS data_plane_id, CAST(service_name, 'String') AS service_name,
        CAST(cluster_id, 'String') AS cluster_id, CAST(region, 'String') AS region,
        cityHash64(resource, scope_name, scope_version, scope_attributes) AS stream
    FROM ${database}.series FINAL
) AS s

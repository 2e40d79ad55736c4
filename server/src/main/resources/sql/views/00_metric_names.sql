-- Not a view, but a part of several: of each metric the name in Prometheus' form, and what its durations are divided and multiplied by to be seconds. Parameters: ${source}, a table of series; ${type}, ${monotonic}, its columns.
WITH
    position(m.unit, '/') AS stroke,
    trimBoth(if(stroke = 0, m.unit, substring(m.unit, 1, stroke - 1))) AS main_code,
    trimBoth(if(stroke = 0, '', substring(m.unit, stroke + 1))) AS per_code,
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
    arrayFilter(word -> word != '', splitByRegexp('[^a-zA-Z0-9:]+', m.name)) AS words,
    if(main = '' OR has(words, main), words, arrayPushBack(words, main)) AS with_main,
    if(per = '' OR has(with_main, per), with_main, arrayPushBack(with_main, per)) AS with_per,
    multiIf(
        m.type = 'sum' AND m.monotonic = 1, arrayPushBack(arrayFilter(word -> word != 'total', with_per), 'total'),
        m.type = 'gauge' AND m.unit = '1', arrayPushBack(arrayFilter(word -> word != 'ratio', with_per), 'ratio'),
        with_per) AS all_words,
    replaceRegexpOne(arrayStringConcat(all_words, '_'), '^([0-9])', '_\\1') AS translated,
    m.name IN ('http.server.request.duration', 'http.server.duration', 'http_server_request_duration', 'http_server_duration')
        AND m.type IN ('histogram', 'exponential_histogram', 'summary') AS is_http
SELECT
    m.metric_id AS metric_id,
    m.name AS name,
    m.type AS type,
    m.unit AS unit,
    m.monotonic AS monotonic,
    multiIf(is_http, 'http_server_duration', translated = '', m.name, translated) AS metric_name,
    m.unit IN ('ns', 'us', 'ms', 's', 'min', 'h', 'd') AS is_duration,
    transform(m.unit, ['ns', 'us', 'ms'], [1e9, 1e6, 1e3], 1.) AS divisor,
    transform(m.unit, ['min', 'h', 'd'], [60., 3600., 86400.], 1.) AS multiplier
FROM
(
    SELECT DISTINCT
        metric_id, CAST(metric_name, 'String') AS name, CAST(${type}, 'String') AS type, CAST(unit, 'String') AS unit,
        CAST(ifNull(${monotonic}, 0), 'UInt8') AS monotonic
    FROM ${source}
) AS m

-- Not a view, but a part of several: of each metric the name in Prometheus' form, and what its durations are divided and multiplied by to be seconds. Parameters: ${source}, a table of series; ${type}, ${monotonic}, its columns.
SELECT
    m.metric_id AS metric_id,
    m.name AS name,
    m.type AS type,
    m.unit AS unit,
    m.monotonic AS monotonic,
    multiIf(
        m.name IN ('http.server.request.duration', 'http.server.duration', 'http_server_request_duration', 'http_server_duration')
            AND m.type IN ('histogram', 'exponential_histogram', 'summary'), 'http_server_duration',
        m.translated = '', m.name,
        m.translated) AS metric_name,
    m.unit IN ('ns', 'us', 'ms', 's', 'min', 'h', 'd') AS is_duration,
    transform(m.unit, ['ns', 'us', 'ms'], [1e9, 1e6, 1e3], 1.) AS divisor,
    transform(m.unit, ['min', 'h', 'd'], [60., 3600., 86400.], 1.) AS multiplier
FROM
(
    SELECT
        *,
        multiIf(
            type = 'sum' AND monotonic = 1, arrayPushBack(arrayFilter(word -> word != 'total', with_per), 'total'),
            type = 'gauge' AND unit = '1', arrayPushBack(arrayFilter(word -> word != 'ratio', with_per), 'ratio'),
            with_per) AS all_words,
        replaceRegexpOne(arrayStringConcat(all_words, '_'), '^([0-9])', '_\\1') AS translated
    FROM
    (
        SELECT *, if(per IN ('', 'per') OR has(with_main, per), with_main, arrayPushBack(with_main, per)) AS with_per
        FROM
        (
            SELECT *, if(main IN ('', 'per') OR has(words, main), words, arrayPushBack(words, main)) AS with_main
            FROM
            (
                SELECT
                    *,
                    arrayFilter(word -> word != '', splitByRegexp('[^a-zA-Z0-9:]+', name)) AS words,
                    replaceRegexpOne(replaceRegexpOne(replaceRegexpAll(main_word, '[^a-zA-Z0-9:]+', '_'), '^_', ''), '_$', '') AS main,
                    replaceRegexpOne(replaceRegexpOne(replaceRegexpAll(per_word, '[^a-zA-Z0-9:]+', '_'), '^_', ''), '_$', '') AS per
                FROM
                (
                    SELECT
                        *,
                        transform(
                            main_code,
                            ['d', 'h', 'min', 's', 'ms', 'us', 'ns', 'By', 'KiBy', 'MiBy', 'GiBy', 'TiBy', 'kBy', 'KBy', 'MBy', 'GBy', 'TBy',
                                'm', 'V', 'A', 'J', 'W', 'g', 'Cel', 'Hz', '1', '%'],
                            ['days', 'hours', 'minutes', 'seconds', 'milliseconds', 'microseconds', 'nanoseconds', 'bytes', 'kibibytes', 'mebibytes',
                                'gibibytes', 'tebibytes', 'kilobytes', 'kilobytes', 'megabytes', 'gigabytes', 'terabytes',
                                'meters', 'volts', 'amperes', 'joules', 'watts', 'grams', 'celsius', 'hertz', '', 'percent'],
                            main_code) AS main_word,
                        if(
                            per_code = '',
                            '',
                            concat('per_', transform(per_code, ['s', 'm', 'h', 'd', 'w', 'mo', 'y'], ['second', 'minute', 'hour', 'day', 'week', 'month', 'year'], per_code))) AS per_word
                    FROM
                    (
                        -- Codes of the unit before and behind its stroke; annotations in braces say nothing.
                        SELECT
                            * EXCEPT (main_code, per_code),
                            if(match(main_code, '[{}]'), '', main_code) AS main_code,
                            if(match(per_code, '[{}]'), '', per_code) AS per_code
                        FROM
                        (
                            SELECT
                                *,
                                position(unit, '/') AS stroke,
                                trimBoth(if(stroke = 0, unit, substring(unit, 1, stroke - 1))) AS main_code,
                                trimBoth(if(stroke = 0, '', substring(unit, stroke + 1))) AS per_code
                            FROM
                            (
                                SELECT DISTINCT
                                    metric_id, CAST(metric_name, 'String') AS name, CAST(${type}, 'String') AS type, CAST(unit, 'String') AS unit,
                                    CAST(ifNull(${monotonic}, 0), 'UInt8') AS monotonic
                                FROM ${source}
                            )
                        )
                    )
                )
            )
        )
    )
) AS m

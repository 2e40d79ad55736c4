-- Counts the rows of a rollup by longer window, replaced ones included, and those that say that a window was emptied. Parameters: ${database}; ${table}; ${window}, function that rounds time down; ${from}, ${to}, seconds since 1970.
SELECT toUnixTimestamp(toDateTime(${window}(time), 'UTC')) AS slot, count(), sum(deleted)
FROM ${database}.${table}
WHERE time >= toDateTime(${from}, 'UTC') AND time < toDateTime(${to}, 'UTC')
GROUP BY slot

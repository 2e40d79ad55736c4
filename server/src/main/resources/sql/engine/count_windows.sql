-- Counts the rows of a rollup, replaced ones included, and those that say that a window was emptied. Parameters: ${database}; ${table}; ${from}, ${to}, seconds since 1970.
SELECT count(), sum(deleted) FROM ${database}.${table} WHERE time >= toDateTime(${from}, 'UTC') AND time < toDateTime(${to}, 'UTC')

-- Wants much memory. Parameters: none.
SELECT length(groupArray(number)) FROM numbers(100000000)

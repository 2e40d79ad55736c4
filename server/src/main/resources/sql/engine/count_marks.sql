-- Counts marks. Parameters: ${database}; ${marks}, condition on them.
SELECT count() FROM ${database}.firn_rollup_marks FINAL WHERE ${marks}

-- Loads what the sink must know of each stored series: id, second half of the fingerprint (big-endian), days, revision. Series without points that still live are left out. Parameters: ${database}, ${today} (days since 1970).
SELECT
    series_id,
    reinterpretAsUInt64(reverse(substring(fingerprint, 9, 8))),
    toUInt16(first_seen),
    toUInt16(last_seen),
    toUInt16(bitAnd(revision, 65535))
FROM ${database}.series FINAL
WHERE toUInt32(last_seen) + retention_days >= ${today}
FORMAT RowBinary

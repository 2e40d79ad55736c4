-- Adds to forecasts of former versions what they had not: how many past forecasts of the signal, step and model were judged when it was issued, and what share of them their intervals covered. Parameters: ${database}.
ALTER TABLE ${database}.forecasts
    ADD COLUMN IF NOT EXISTS judged UInt64 CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS covered80 Float64 CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS covered95 Float64 CODEC(ZSTD(1))

-- Creates firn_cost_prices: of each meter its unit, how many of them a price is for, what that is called, and the price; one row of the newest version a meter. Parameters: ${database}.
CREATE TABLE IF NOT EXISTS ${database}.firn_cost_prices
(
    meter LowCardinality(String),
    unit String,
    pricing_unit String,
    per Int64,
    price Decimal(38, 9),
    currency String,
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY meter
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, auto_statistics_types = ''

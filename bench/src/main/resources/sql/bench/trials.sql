-- Indexes, projections and partitions as the seed has them, tried on the tables that answer its questions. Each behind a line with its name: the table, how another of the same rows differs, and a question to both. Parameters: ${database}; ${table} in questions, one of the two.
=== samples: minmax of time, as idx_timestamp
samples
---
CREATE TABLE ${database}.trial AS ${database}.samples;
ALTER TABLE ${database}.trial ADD INDEX time_range time TYPE minmax GRANULARITY 1
---
SELECT avg(value) FROM ${database}.${table} WHERE metric_id = 103 AND time >= now() - INTERVAL 1 HOUR
=== samples: a projection in the order of time
samples
---
CREATE TABLE ${database}.trial AS ${database}.samples;
ALTER TABLE ${database}.trial ADD PROJECTION by_time (SELECT metric_id, series_id, time, value ORDER BY time)
---
SELECT avg(value) FROM ${database}.${table} WHERE metric_id = 103 AND time >= now() - INTERVAL 1 HOUR
=== samples: partitions of a day
samples
---
CREATE TABLE ${database}.trial AS ${database}.samples ENGINE = MergeTree PARTITION BY toYYYYMMDD(time) ORDER BY (metric_id, series_id, time) SETTINGS index_granularity = 2048
---
SELECT avg(value) FROM ${database}.${table} WHERE metric_id = 103 AND time >= now() - INTERVAL 1 HOUR
=== samples: the same partitions, a month of ten series
samples
---
CREATE TABLE ${database}.trial AS ${database}.samples ENGINE = MergeTree PARTITION BY toYYYYMMDD(time) ORDER BY (metric_id, series_id, time) SETTINGS index_granularity = 2048
---
SELECT avg(value) FROM ${database}.${table} WHERE metric_id = 103 AND series_id IN (SELECT series_id FROM ${database}.series WHERE metric_id = 103 ORDER BY series_id LIMIT 10)
=== series: bloom filter of http_route, as idx_http_route
series
---
CREATE TABLE ${database}.trial AS ${database}.series;
ALTER TABLE ${database}.trial ADD INDEX route http_route TYPE bloom_filter(0.01) GRANULARITY 4
---
SELECT count() FROM ${database}.${table} WHERE http_route = '/api/v1/route7'
=== rollup_1h: minmax of time
rollup_1h
---
CREATE TABLE ${database}.trial AS ${database}.rollup_1h;
ALTER TABLE ${database}.trial ADD INDEX time_range time TYPE minmax GRANULARITY 1
---
SELECT sum(increase) FROM ${database}.${table} FINAL WHERE metric_id = 101 AND time >= now() - INTERVAL 1 DAY
=== rollup_1h: partitions of a day
rollup_1h
---
CREATE TABLE ${database}.trial AS ${database}.rollup_1h ENGINE = ReplacingMergeTree(version, deleted) PARTITION BY toYYYYMMDD(time) ORDER BY (metric_id, series_id, time) SETTINGS index_granularity = 2048
---
SELECT sum(increase) FROM ${database}.${table} FINAL WHERE metric_id = 101 AND time >= now() - INTERVAL 1 DAY
=== samples: primary key as it is, not compressed
samples
---
CREATE TABLE ${database}.trial AS ${database}.samples ENGINE = MergeTree PARTITION BY toYYYYMM(time) ORDER BY (metric_id, series_id, time) SETTINGS index_granularity = 2048, compress_primary_key = 0
---
SELECT avg(value) FROM ${database}.${table} WHERE metric_id = 103 AND time >= now() - INTERVAL 1 HOUR

-- Questions, each after a line with its name: first to Firn's views, behind a line of dashes to the seed's wide table (its rows counted as requests, as the seed does). Parameters: ${wide}, that table; none with the same moment, all up to now.
=== seed 1: count
SELECT count() FROM metrics_local_v2
---
SELECT count() FROM ${wide}
=== seed 2: points by environment, 7 days
SELECT environment, count() FROM metrics_local_v2 WHERE date >= today() - 7 GROUP BY environment
---
SELECT environment, count() FROM ${wide} WHERE date >= today() - 7 GROUP BY environment
=== seed 3: p95 of points by route, 7 days
SELECT environment, http_route, quantile(0.95)(metric_value) FROM metrics_local_v2 WHERE metric_name = 'http_server_duration' AND date >= today() - 7 GROUP BY environment, http_route
---
SELECT environment, http_route, quantile(0.95)(metric_value) FROM ${wide} WHERE metric_name = 'http_server_duration' AND date >= today() - 7 GROUP BY environment, http_route
=== seed 4: v_daily_summary, 30 days
SELECT * FROM v_daily_summary WHERE date >= today() - 30
---
SELECT date, environment, data_plane_id, count(), countIf(http_status_code >= '500'), avg(metric_value), max(metric_value) FROM ${wide} WHERE metric_name = 'http_server_duration' AND date >= today() - 30 GROUP BY ALL
=== v_dashboard_hourly, a day of prod
SELECT * FROM v_dashboard_hourly WHERE timestamp >= now() - INTERVAL 1 DAY AND environment = 'prod'
---
SELECT toStartOfHour(timestamp) AS h, environment, data_plane_id, metric_name, http_route, count(), countIf(http_status_code >= '500'), avg(metric_value), quantiles(0.5, 0.95, 0.99)(metric_value) FROM ${wide} WHERE metric_name = 'http_server_duration' AND timestamp >= now() - INTERVAL 1 DAY AND environment = 'prod' GROUP BY ALL
=== v_dashboard_hourly, a route, 30 days
SELECT * FROM v_dashboard_hourly WHERE http_route = '/api/v1/route7' AND timestamp >= now() - INTERVAL 30 DAY
---
SELECT toStartOfHour(timestamp) AS h, environment, data_plane_id, metric_name, http_route, count(), countIf(http_status_code >= '500'), avg(metric_value), quantiles(0.5, 0.95, 0.99)(metric_value) FROM ${wide} WHERE metric_name = 'http_server_duration' AND http_route = '/api/v1/route7' AND timestamp >= now() - INTERVAL 30 DAY GROUP BY ALL
=== v_top_endpoints
SELECT * FROM v_top_endpoints
---
SELECT environment, http_route, count() AS n, avg(metric_value), quantile(0.95)(metric_value) FROM ${wide} WHERE metric_name = 'http_server_duration' AND date >= today() - 7 GROUP BY environment, http_route ORDER BY n DESC LIMIT 20
=== environment x route x status, 30 days, from days
SELECT environment, http_route, http_status_code, sum(request_count), sum(error_count) FROM metrics_daily WHERE date >= today() - 30 AND metric_name = 'http_server_duration' GROUP BY ALL
---
SELECT environment, http_route, http_status_code, count() FROM ${wide} WHERE metric_name = 'http_server_duration' AND date >= today() - 30 GROUP BY ALL
=== environment x route x status, 30 days, from hours
SELECT environment, http_route, http_status_code, sum(request_count), sum(error_count) FROM metrics_hourly_v2 WHERE date >= today() - 30 AND metric_name = 'http_server_duration' GROUP BY ALL
---
SELECT environment, http_route, http_status_code, count() FROM ${wide} WHERE metric_name = 'http_server_duration' AND date >= today() - 30 GROUP BY ALL
=== error rate by hour and plane, 7 days
SELECT timestamp, data_plane_id, sum(error_count) / sum(request_count) FROM v_dashboard_hourly WHERE timestamp >= now() - INTERVAL 7 DAY GROUP BY ALL
---
SELECT toStartOfHour(timestamp) AS h, data_plane_id, countIf(http_status_code >= '500') / count() FROM ${wide} WHERE metric_name = 'http_server_duration' AND timestamp >= now() - INTERVAL 7 DAY GROUP BY ALL
=== v_histogram_hourly, a metric, 7 days
SELECT * FROM v_histogram_hourly WHERE metric_name = 'http_server_duration' AND timestamp >= now() - INTERVAL 7 DAY
---
SELECT toStartOfHour(timestamp) AS h, metric_name, environment, data_plane_id, service_name, count(), avg(metric_value), quantiles(0.5, 0.95, 0.99)(metric_value) FROM ${wide} WHERE metric_name = 'http_server_duration' AND timestamp >= now() - INTERVAL 7 DAY GROUP BY ALL
=== v_counter_hourly, a metric, 30 days
SELECT * FROM v_counter_hourly WHERE metric_name = 'shop_http_requests_total' AND timestamp >= now() - INTERVAL 30 DAY
---
SELECT toStartOfHour(timestamp) AS h, environment, data_plane_id, service_name, max(metric_value) - min(metric_value) FROM ${wide} WHERE metric_name = 'shop_http_requests_total' AND timestamp >= now() - INTERVAL 30 DAY GROUP BY ALL
=== v_gauge_hourly, a metric, 7 days
SELECT * FROM v_gauge_hourly WHERE metric_name = 'process_memory_usage_bytes' AND timestamp >= now() - INTERVAL 7 DAY
---
SELECT toStartOfHour(timestamp) AS h, environment, data_plane_id, service_name, avg(metric_value), min(metric_value), max(metric_value) FROM ${wide} WHERE metric_name = 'process_memory_usage_bytes' AND timestamp >= now() - INTERVAL 7 DAY GROUP BY ALL
=== raw points of a metric, an hour
SELECT toStartOfMinute(timestamp) AS m, environment, avg(metric_value) FROM metrics_local_v2 WHERE metric_name = 'process_memory_usage_bytes' AND timestamp >= now() - INTERVAL 1 HOUR GROUP BY ALL
---
SELECT toStartOfMinute(timestamp) AS m, environment, avg(metric_value) FROM ${wide} WHERE metric_name = 'process_memory_usage_bytes' AND timestamp >= now() - INTERVAL 1 HOUR GROUP BY ALL

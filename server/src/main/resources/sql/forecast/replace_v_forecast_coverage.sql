-- How far each model's forecasts of each signal and step held so far: forecasts that were judged against what came, what share of them their 80 and 95 % intervals covered, and the mean error on held-out tails of the newest, that of the seasonal naive being 1. Parameters: ${database}.
CREATE OR REPLACE VIEW ${database}.v_forecast_coverage AS
SELECT
    signal, step, model,
    argMax(f.judged, f.issued_at) AS forecasts,
    argMax(f.covered80, f.issued_at) AS covered80,
    argMax(f.covered95, f.issued_at) AS covered95,
    argMax(f.holdout_mase, f.issued_at) AS holdout_mase,
    max(f.issued_at) AS issued_at
FROM (SELECT * FROM ${database}.forecasts FINAL) AS f
GROUP BY signal, step, model
ORDER BY signal, step, model

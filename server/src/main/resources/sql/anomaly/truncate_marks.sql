-- Empties the engine's copy of what people said of anomalies. Parameters: ${database}.
TRUNCATE TABLE ${database}.anomaly_marks

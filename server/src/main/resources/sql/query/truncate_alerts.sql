-- Empties the engine's copy of the alerts, before it is made anew. Parameters: ${database}.
TRUNCATE TABLE ${database}.firn_alerts

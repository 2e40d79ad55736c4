-- Reads the type of samples.time, which says with which precision the tables were made. Parameters: ${database}.
SELECT type FROM system.columns WHERE database = '${database}' AND table = 'samples' AND name = 'time'

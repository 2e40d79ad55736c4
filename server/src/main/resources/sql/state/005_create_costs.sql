-- For SQLite: what was metered. cost_quantities: by group and period (seconds since 1970, and its length); cost_positions: the last cut of each log that is in them, and the hour; cost_series: in which hour since 1970 a series was seen last. Parameters: none.
CREATE TABLE cost_quantities (
    period INTEGER NOT NULL,
    seconds INTEGER NOT NULL,
    meter TEXT NOT NULL,
    data_plane_id TEXT NOT NULL,
    environment TEXT NOT NULL,
    service_name TEXT NOT NULL,
    team TEXT NOT NULL,
    metric_name TEXT NOT NULL,
    source TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    PRIMARY KEY (period, meter, data_plane_id, environment, service_name, team, metric_name, source)) WITHOUT ROWID;
CREATE TABLE cost_positions (writer TEXT NOT NULL PRIMARY KEY, cut INTEGER NOT NULL, hour INTEGER NOT NULL, missed INTEGER NOT NULL);
CREATE TABLE cost_series (series_id INTEGER NOT NULL PRIMARY KEY, hour INTEGER NOT NULL);

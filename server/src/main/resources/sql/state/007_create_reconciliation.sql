-- For SQLite: what the log admitted, against what stores have. admitted_points: by cut, plane and day since 1970; reconciled: the cut up to which a store was compared (store "log": up to which nothing is known); unreconciled: what differed, of cuts first_cut to last_cut. Parameters: none.
CREATE TABLE admitted_points (writer TEXT NOT NULL, cut INTEGER NOT NULL, data_plane_id TEXT NOT NULL, day INTEGER NOT NULL, points INTEGER NOT NULL, PRIMARY KEY (writer, cut, data_plane_id, day)) WITHOUT ROWID;
CREATE TABLE reconciled (writer TEXT NOT NULL, store TEXT NOT NULL, cut INTEGER NOT NULL, PRIMARY KEY (writer, store)) WITHOUT ROWID;
CREATE TABLE unreconciled (
    writer TEXT NOT NULL,
    store TEXT NOT NULL,
    first_cut INTEGER NOT NULL,
    last_cut INTEGER NOT NULL,
    data_plane_id TEXT NOT NULL,
    day INTEGER NOT NULL,
    admitted INTEGER NOT NULL,
    stored INTEGER NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (writer, store, first_cut, data_plane_id, day)) WITHOUT ROWID;

-- Replaces a view of shorter windows, computed from points when asked: of `window` seconds, from `from` to `to`, seconds since 1970, of the requests to HTTP servers. Parameters of the view: from, to, window. Parameters: ${database}; ${columns}; ${rows}, a SELECT of them.
CREATE OR REPLACE VIEW ${database}.rollup_fine_requests AS
SELECT ${columns} FROM (${rows}) WHERE time >= toDateTime({from:UInt32}, 'UTC')

/// ClickHouse as Firn's fast copy of the points: schema, client and sink.
///
/// In: cuts of the write-ahead log. Out: rows in the tables of `sql/engine/`, each point exactly
/// once; for other rooms a client that talks to any ClickHouse over HTTP. Never: a decision about
/// what was acknowledged (the WAL's), or the only copy of anything (the lake's).
@NullMarked
package dev.firn.engine;

import org.jspecify.annotations.NullMarked;

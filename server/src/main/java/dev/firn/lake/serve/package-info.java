/// The lake's tables for other programs: a read-only Iceberg REST catalog.
///
/// In: a method, a path and a query, as the protocol has them. Out: a status and a JSON body.
/// Never: a change of anything, or an answer to who has not said who they are (the web server's).
@NullMarked
package dev.firn.lake.serve;

import org.jspecify.annotations.NullMarked;

/// Where the lake's files and tables are: local disk or S3, SQLite, PostgreSQL or a REST catalog.
///
/// In: `lake.warehouse`, `lake.catalog` and `lake.s3` of the configuration. Out: Iceberg's own
/// interfaces, so that nothing above knows which of them it talks to. Never: a retry without an end
/// (the sink's own pauses follow), or a secret in a message.
@NullMarked
package dev.firn.lake.store;

import org.jspecify.annotations.NullMarked;

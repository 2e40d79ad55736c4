/// The lake: Parquet files and Iceberg tables, the truth that outlives everything else.
///
/// In: whole cuts of the write-ahead log. Out: committed snapshots of `metrics.points` and
/// `metrics.series`, each with the writer's position in the same compare-and-swap, and plain
/// descriptions of what is there. Never: a commit by Iceberg's own `commit()` (it can lose other
/// writers' rows; `docs/decisions/004-iceberg-commit.md`), a deleted data file, or a guess about a
/// position that is not the expected one.
@NullMarked
package dev.firn.lake;

import org.jspecify.annotations.NullMarked;

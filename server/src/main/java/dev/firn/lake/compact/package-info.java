/// The lake's shape: small files merged into sorted ones of a target size, small manifests into
/// few.
///
/// In: data files of one partition, each sorted. Out: fewer and larger files with the same rows,
/// and one snapshot of operation `replace` that swaps them. Never: a changed value, a row that
/// enters or leaves `points`, a deleted data file (expiry does that), or a commit by Iceberg's own
/// `commit()`.
@NullMarked
package dev.firn.lake.compact;

import org.jspecify.annotations.NullMarked;

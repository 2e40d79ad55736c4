/// What keeps the lake's tables small and right for years: expiry of snapshots, removal of orphans,
/// retention, holds, erasure, and the catalog's backup and recovery.
///
/// In: tables as their catalog has them, rules, a clock. Out: changes of a table through
/// [dev.firn.lake.LakeSwap] and no other way, and deleted files that nothing reaches any more.
/// Never: a file deleted that a kept snapshot reaches, a snapshot younger than an hour expired, a
/// row of a hold's dropped.
@NullMarked
package dev.firn.lake.keep;

import org.jspecify.annotations.NullMarked;

/// `firn bench`: a Firn in a process of its own, fed over loopback, with everything on.
///
/// In: how many series and points. Out: points a second, CPU seconds, bytes. Never: figures from
/// inside the process that is measured, except counters that it exports anyway.
@NullMarked
package dev.firn.ops.bench;

import org.jspecify.annotations.NullMarked;

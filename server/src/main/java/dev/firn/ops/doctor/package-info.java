/// `firn doctor`: looks for what commonly goes wrong before and after a start, and says how to mend
/// it.
@NullMarked
package dev.firn.ops.doctor;

import org.jspecify.annotations.NullMarked;

/// Is Firn well? Checks over its own metrics and what its rooms say, each with a state, a figure, a
/// limit and what to do; the same facts as the alert rules use.
///
/// In: own metrics, planes, certificates. Out: [Health]. Never: a question to the engine.
@NullMarked
package dev.firn.ops.health;

import org.jspecify.annotations.NullMarked;

/// The command line: one class a command.
///
/// In: arguments. Out: exit codes 0 (done), 1 (failed), 2 (wrong use); results on standard output,
/// everything else on standard error. Never: work that a room could do.
@NullMarked
package dev.firn.cli;

import org.jspecify.annotations.NullMarked;

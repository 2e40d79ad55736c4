/// Lines of OTLP/JSON files, as the Collector's `file` exporter writes them.
///
/// In: files that others append to and rotate. Out: each whole line once, to a
/// [dev.firn.receive.KeyedReceiver], named by its file and end. Never: a change to those files, a
/// line before its newline, or a line that is given up because the log is busy.
///
/// Each line exactly once, also after a kill: the name of a line's request is its position, and
/// stands in the log's record together with its points; the log keeps the newest position of each
/// file for as long as the file is read. At the start, reading goes on behind the later of that
/// position and the one in the receiver's own file, which also says how to know files again.
@NullMarked
package dev.firn.receive.file;

import org.jspecify.annotations.NullMarked;

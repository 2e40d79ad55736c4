/// The embedded ClickHouse: a child process that loads `libchdb` through Java's foreign-function
/// interface and serves the ClickHouse HTTP protocol, and the parent's side that supervises it.
///
/// In: statements and rows over HTTP, the configuration over the control pipe (standard input).
/// Out: results over HTTP, one "ready" line on standard output, log lines on standard error. Never:
/// knows a table or a metric, keeps a session between two requests, or lets the anonymous reader
/// reach anything but the tables (no files, no network, no settings off the allow-list).
@NullMarked
package dev.firn.engine.child;

import org.jspecify.annotations.NullMarked;

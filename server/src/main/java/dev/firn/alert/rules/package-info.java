/// Rules as Prometheus has them: files are read, groups evaluated, alerts go from pending to firing
/// and end, recorded samples are handed on; and tests of such rules.
///
/// In: files, and answers to PromQL. Out: alerts into the book, samples to whoever stores them.
/// Never: a message to a receiver.
@NullMarked
package dev.firn.alert.rules;

import org.jspecify.annotations.NullMarked;

/// Sending batches to another program, for the exporters that speak OTLP: the queue, the requests
/// made out of it, retries, and what answers mean.
///
/// In: batches of a pipeline. Out: requests, through a [dev.firn.export.send.Transport]; the queue
/// is a log of its own, so that what was taken in is still sent after the process died. Never: a
/// wait on the sender's behalf for an answer from the other side, or points of another exporter.
@NullMarked
package dev.firn.export.send;

import org.jspecify.annotations.NullMarked;

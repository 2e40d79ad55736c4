/// The processors of pipelines, named and configured as the Collector's. In come a request's points
/// as a receiver decoded them; out go those that the pipeline's exporters get. What reads a point's
/// identity only is done once for each series. Never talks to network or disk.
@NullMarked
package dev.firn.process;

import org.jspecify.annotations.NullMarked;

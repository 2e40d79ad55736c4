/// Anomalies of the signals that Firn has: what is read each interval, judged, told and remembered.
///
/// In: rollups of the engine, statements of `config/anomaly.yaml`, what people said of anomalies.
/// Out: rows of `anomalies`, alerts of source `anomaly`, scores. Never: an interval judged before
/// the engine has it, or judged differently after a restart.
@NullMarked
package dev.firn.analyse.anomaly.live;

import org.jspecify.annotations.NullMarked;

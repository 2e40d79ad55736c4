/// `firn bench analytics`: public scores of anomaly detection and forecasts.
///
/// In: a folder of public data sets. Out: our scores beside the published ones, and which gates
/// failed. Never: a setting per file, or a point handed over before its time.
@NullMarked
package dev.firn.ops.bench.analytics;

import org.jspecify.annotations.NullMarked;

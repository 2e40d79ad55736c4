/// Who is told of alerts: what was decided becomes messages to Alertmanagers, webhooks and the log,
/// grouped, silenced and inhibited, each told once and its end, too, whatever restarts.
///
/// In: the alert book. Out: requests to receivers. Never: a decision of its own.
@NullMarked
package dev.firn.alert;

import org.jspecify.annotations.NullMarked;

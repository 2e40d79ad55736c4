/// Data quality: what is wrong with what senders send.
///
/// In: rollups, series, and points that came since the last look; rules of `config/quality.yaml`.
/// Out: findings of each check, incidents with a life (as alerts of source `quality`), a score by
/// plane and service. Never: a scan of all points, or a list of planes that somebody wrote down.
@NullMarked
package dev.firn.analyse.quality;

import org.jspecify.annotations.NullMarked;

package dev.firn.process.identity;

import dev.firn.model.Attributes;
import dev.firn.model.Series;

/// A series with its texts parsed, shared by all evaluations.
///
/// @param attributes of the points
public record Parts(
        Series series,
        Attributes resource,
        Attributes scope,
        Attributes attributes,
        Attributes metadata) {
    /// Parses.
    public static Parts of(Series series) {
        return new Parts(
                series,
                Attributes.fromJson(series.metric().resource().attributes()),
                Attributes.fromJson(series.metric().scope().attributes()),
                Attributes.fromJson(series.attributes()),
                Attributes.fromJson(series.metric().metadata()));
    }
}

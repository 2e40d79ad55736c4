package dev.firn.process;

import dev.firn.model.Series;
import org.jspecify.annotations.Nullable;

/// What the steps of a stage make of a series.
///
/// @param to null if its points are dropped
/// @param lossy whether other series may have become the same
/// @param droppedBy the step that dropped it
/// @param failure why a request with it cannot pass; empty if it can
record Mapping(@Nullable Series to, boolean lossy, @Nullable Step droppedBy, String failure) {}

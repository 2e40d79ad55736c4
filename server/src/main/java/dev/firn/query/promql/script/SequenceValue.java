package dev.firn.query.promql.script;

import dev.firn.query.promql.value.NativeHistogram;
import org.jspecify.annotations.Nullable;

/// A value of a series' sequence.
///
/// @param omitted nothing stands here
/// @param hintSet whether the histogram says something about counter resets
record SequenceValue(
        boolean omitted, double number, @Nullable NativeHistogram histogram, boolean hintSet) {
    static final SequenceValue OMITTED = new SequenceValue(true, 0, null, false);

    static SequenceValue of(double number) {
        return new SequenceValue(false, number, null, false);
    }
}

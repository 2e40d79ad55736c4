package dev.firn.query.promql.eval;

import dev.firn.query.promql.value.NativeHistogram;
import org.jspecify.annotations.Nullable;

/// A function from a range of samples to one, or none.
interface RangeFunction {
    /// `scalars` are the call's other arguments at this step.
    void apply(Window window, double[] scalars, Result result);

    /// Takes what a function yields.
    final class Result {
        private final Annotations annotations;
        private boolean isSet;
        private double number;
        private @Nullable NativeHistogram histogram;

        Result(Annotations annotations) {
            this.annotations = annotations;
        }

        void set(double value) {
            isSet = true;
            number = value;
            histogram = null;
        }

        void set(NativeHistogram value) {
            isSet = true;
            histogram = value;
        }

        Annotations annotations() {
            return annotations;
        }

        /// Moves the value into a column and forgets it; false if there is none.
        boolean store(Column column, int i) {
            if (!isSet) {
                return false;
            }
            isSet = false;
            if (histogram != null) {
                column.set(i, histogram);
                return false;
            }
            column.set(i, number);
            return true;
        }
    }
}

package dev.firn.process.ottl;

import org.jspecify.annotations.Nullable;

/// What a path stands for: readable, and writable unless the checker refuses it.
interface Place extends Expression {
    /// @throws EvaluationException if the value does not suit
    void set(Subject subject, @Nullable Object value);
}

package dev.firn.process.ottl;

import org.jspecify.annotations.Nullable;

/// Something that has a value ([Values]).
@FunctionalInterface
interface Expression {
    /// @throws EvaluationException if it has none for this subject
    @Nullable Object value(Subject subject);
}

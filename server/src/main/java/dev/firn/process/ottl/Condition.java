package dev.firn.process.ottl;

import java.util.function.Predicate;

/// A checked condition. Thread-safe.
public final class Condition {
    private final String text;
    private final Predicate<Subject> test;
    private final boolean ofPoints;

    Condition(String text, Predicate<Subject> test, boolean ofPoints) {
        this.text = text;
        this.test = test;
        this.ofPoints = ofPoints;
    }

    /// As written.
    public String text() {
        return text;
    }

    /// Whether it reads a field of the point.
    public boolean ofPoints() {
        return ofPoints;
    }

    /// Whether it holds.
    ///
    /// @throws EvaluationException if the data do not suit
    public boolean holds(Subject subject) {
        return test.test(subject);
    }
}

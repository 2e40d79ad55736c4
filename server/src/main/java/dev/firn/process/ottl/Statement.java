package dev.firn.process.ottl;

import java.util.function.Predicate;

/// A checked statement. Thread-safe.
public final class Statement {
    private final String text;
    private final Expression editor;
    private final Predicate<Subject> where;
    private final boolean ofPoints;
    private final boolean usesCache;

    Statement(
            String text,
            Expression editor,
            Predicate<Subject> where,
            boolean ofPoints,
            boolean usesCache) {
        this.text = text;
        this.editor = editor;
        this.where = where;
        this.ofPoints = ofPoints;
        this.usesCache = usesCache;
    }

    /// As written.
    public String text() {
        return text;
    }

    /// Whether it reads or writes a field of the point: else it does the same for all points of a
    /// series.
    public boolean ofPoints() {
        return ofPoints;
    }

    /// Whether it depends on other statements through `cache`.
    public boolean usesCache() {
        return usesCache;
    }

    /// Does it.
    ///
    /// @throws EvaluationException if the data do not suit; nothing is changed then
    public void run(Subject subject) {
        if (where.test(subject)) {
            editor.value(subject);
        }
    }
}

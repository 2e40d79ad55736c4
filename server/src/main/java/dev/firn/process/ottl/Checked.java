package dev.firn.process.ottl;

import org.jspecify.annotations.Nullable;

/// A value that was checked.
///
/// @param constant whether it was written as a literal, whose value then is `value`
/// @param path whether it is a path
record Checked(
        int at,
        Expression run,
        Type type,
        boolean constant,
        @Nullable Object value,
        @Nullable Field path) {
    static Checked constant(int at, @Nullable Object value) {
        return new Checked(at, subject -> value, Values.type(value), true, value, null);
    }

    static Checked computed(int at, Type type, Expression run) {
        return new Checked(at, run, type, false, null, null);
    }

    static Checked path(int at, Field field) {
        return new Checked(at, field.place(), field.type(), false, null, field);
    }

    /// A literal of a wrong type is a mistake that is found at once.
    Checked mustBe(Type wanted) {
        if (constant && type != wanted) {
            throw new Mistake(at, "expected " + wanted.shown + ", found " + type.shown);
        }
        return this;
    }
}

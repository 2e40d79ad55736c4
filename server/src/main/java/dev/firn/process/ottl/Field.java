package dev.firn.process.ottl;

import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What a path leads to, as the checker sees it.
///
/// @param type of its value, where every subject gives the same
/// @param readOnly why it cannot be set; empty if it can
record Field(Place place, Type type, String readOnly) {
    private record Functions(
            Function<Subject, @Nullable Object> get, BiConsumer<Subject, @Nullable Object> set)
            implements Place {
        @Override
        public @Nullable Object value(Subject subject) {
            return get.apply(subject);
        }

        @Override
        public void set(Subject subject, @Nullable Object value) {
            if (value == null) {
                throw new EvaluationException("the field cannot be nil");
            }
            set.accept(subject, value);
        }
    }

    /// A field that can be set, though never to nil.
    static Field of(
            Type type,
            Function<Subject, @Nullable Object> get,
            BiConsumer<Subject, @Nullable Object> set) {
        return new Field(new Functions(get, set), type, "");
    }

    /// A field that cannot be set.
    static Field readOnly(Type type, String why, Function<Subject, @Nullable Object> get) {
        return new Field(
                new Functions(
                        get,
                        (subject, value) -> {
                            throw new EvaluationException(why);
                        }),
                type,
                why);
    }
}

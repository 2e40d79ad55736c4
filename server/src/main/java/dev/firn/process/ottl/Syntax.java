package dev.firn.process.ottl;

import dev.firn.model.AttributeValue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What was written, as a tree. `at` is the offset in the text.
sealed interface Syntax {
    int at();

    /// nil, a text, a number, a bool, bytes.
    record Literal(int at, @Nullable AttributeValue value) implements Syntax {}

    /// Uppercase letters only: an enum's symbol.
    record Symbol(int at, String name) implements Syntax {}

    /// `metric.name`, `attributes["a"][0]`.
    record Path(int at, List<Segment> segments) implements Syntax {
        public Path {
            segments = List.copyOf(segments);
        }

        String shown() {
            return String.join(".", segments.stream().map(Segment::name).toList());
        }
    }

    /// A converter, or the editor of a statement.
    record Call(int at, String name, List<Argument> arguments, List<Syntax> keys)
            implements Syntax {
        public Call {
            arguments = List.copyOf(arguments);
            keys = List.copyOf(keys);
        }
    }

    /// `[1, "a"]`.
    record Items(int at, List<Syntax> items) implements Syntax {
        public Items {
            items = List.copyOf(items);
        }
    }

    /// `{"a": 1}`.
    record Entries(int at, List<String> keys, List<Syntax> values) implements Syntax {
        public Entries {
            keys = List.copyOf(keys);
            values = List.copyOf(values);
        }
    }

    /// `a + b`.
    record Calculation(int at, Syntax left, Operator operator, Syntax right) implements Syntax {}

    /// `-a`.
    record Negation(int at, Syntax of) implements Syntax {}

    /// `a == b`.
    record Comparison(int at, Syntax left, Relation relation, Syntax right) implements Syntax {}

    /// Joined by `and`.
    record All(int at, List<Syntax> parts) implements Syntax {
        public All {
            parts = List.copyOf(parts);
        }
    }

    /// Joined by `or`.
    record Any(int at, List<Syntax> parts) implements Syntax {
        public Any {
            parts = List.copyOf(parts);
        }
    }

    /// `not a`.
    record Not(int at, Syntax of) implements Syntax {}

    /// A part of a path.
    record Segment(int at, String name, List<Syntax> keys) {
        public Segment {
            keys = List.copyOf(keys);
        }
    }

    /// An argument; without a name its position says which.
    record Argument(int at, @Nullable String name, Syntax value) {}

    /// `set(…) where …`.
    record Statement(Call editor, @Nullable Syntax where) {}
}

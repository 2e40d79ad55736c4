package dev.firn.alert.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A piece of a template.
sealed interface Node {
    /// Plain text.
    record Text(String text) implements Node {}

    /// `{{ pipe }}`.
    record Action(Pipe pipe) implements Node {}

    /// `if`, and `with`, which also sets the dot.
    record Branch(boolean with, Pipe pipe, List<Node> then, List<Node> otherwise) implements Node {}

    /// `range`.
    record Range(Pipe pipe, List<Node> each, List<Node> otherwise) implements Node {}

    /// Commands joined by `|`, and the variables that get the result.
    ///
    /// @param assigns to variables that are there already
    record Pipe(List<String> variables, boolean assigns, List<List<Argument>> commands) {}

    /// An operand and the fields that are taken of it.
    record Argument(Operand operand, List<String> fields) {}

    /// A word of a command.
    sealed interface Operand {
        /// `.`, or what `.x` starts from.
        record Dot() implements Operand {}

        /// `$x`.
        record Variable(String name) implements Operand {}

        /// A string, number, `true`, `false` or `nil`.
        record Constant(@Nullable Object value) implements Operand {}

        /// A function's name.
        record Name(String name) implements Operand {}

        /// `( … )`.
        record Group(Pipe pipe) implements Operand {}
    }
}

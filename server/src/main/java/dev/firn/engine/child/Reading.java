package dev.firn.engine.child;

import java.util.List;

/// A place where a statement reads a table, with what it surely asks of the table's rows there: a
/// row that fails one of the conditions changes nothing in the answer.
///
/// @param table its name, without the database
/// @param conditions all of which must hold; none: any row may count
public record Reading(String table, List<Condition> conditions) {
    public Reading {
        conditions = List.copyOf(conditions);
    }

    /// How a column is compared.
    public enum Operator {
        EQUAL,
        LESS,
        LESS_OR_EQUAL,
        GREATER,
        GREATER_OR_EQUAL,
        IN;

        /// The same comparison with its sides exchanged.
        Operator flipped() {
            return switch (this) {
                case LESS -> GREATER;
                case LESS_OR_EQUAL -> GREATER_OR_EQUAL;
                case GREATER -> LESS;
                case GREATER_OR_EQUAL -> LESS_OR_EQUAL;
                case EQUAL, IN -> this;
            };
        }
    }

    /// `column operator constant`.
    ///
    /// @param constants SQL texts of literals and harmless functions; one, or those of an IN
    public record Condition(String column, Operator operator, List<String> constants) {
        public Condition {
            constants = List.copyOf(constants);
            if (constants.isEmpty()) {
                throw new IllegalArgumentException("a condition on " + column + " has no constant");
            }
        }
    }
}

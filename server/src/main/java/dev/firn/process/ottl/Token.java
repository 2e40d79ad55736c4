package dev.firn.process.ottl;

/// A word of a statement.
///
/// @param at offset in the text
/// @param text as written; of a string, what it means
record Token(Kind kind, int at, String text) {
    enum Kind {
        BYTES,
        REAL,
        INT,
        STRING,
        NAME,
        SYMBOL,
        END
    }

    boolean is(String symbolOrWord) {
        return (kind == Kind.SYMBOL || kind == Kind.NAME) && text.equals(symbolOrWord);
    }

    /// How a message shows it.
    String shown() {
        return switch (kind) {
            case END -> "the end";
            case STRING -> "the text \"" + text + "\"";
            default -> "\"" + text + "\"";
        };
    }
}

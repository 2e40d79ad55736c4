package dev.firn.query.promql.lang;

/// A word of the language. Keywords are words like others: the parser knows where they mean
/// something.
record Token(Kind kind, String text, Span span) {
    enum Kind {
        END("end of input"),
        WORD("identifier"),
        NUMBER("number"),
        DURATION("duration"),
        STRING("string"),
        SIGN("");

        private final String text;

        Kind(String text) {
            this.text = text;
        }
    }

    boolean is(String sign) {
        return kind == Kind.SIGN && text.equals(sign);
    }

    boolean isWord(String word) {
        return kind == Kind.WORD && text.equalsIgnoreCase(word);
    }

    /// For messages.
    String described() {
        return switch (kind) {
            case END -> kind.text;
            case SIGN -> Quoting.quote(text);
            case STRING -> kind.text + " " + text;
            case WORD, NUMBER, DURATION -> kind.text + " " + Quoting.quote(text);
        };
    }
}

package dev.firn.query.promql.lang;

/// A stretch of an expression's text: characters `start` (included) to `end` (excluded).
public record Span(int start, int end) {
    /// From the beginning of this one to the end of the other.
    public Span to(Span other) {
        return new Span(start, other.end);
    }

    /// Line and column of the start, both from 1: `1:7`.
    public String position(String query) {
        int line = 1;
        int lineStart = 0;
        for (int i = 0; i < Math.min(start, query.length()); i++) {
            if (query.charAt(i) == '\n') {
                line++;
                lineStart = i + 1;
            }
        }
        return line + ":" + (start - lineStart + 1);
    }
}

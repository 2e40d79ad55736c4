package dev.firn.query.promql.lang;

/// The text is no PromQL: `1:5: parse error: …`, as Prometheus words it.
public final class ParseException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int start;
    private final int end;

    /// `span` is where in `query` the mistake stands.
    public ParseException(String query, Span span, String message) {
        super(span.position(query) + ": parse error: " + message);
        this.start = span.start();
        this.end = span.end();
    }

    /// Where in the text.
    public Span span() {
        return new Span(start, end);
    }
}

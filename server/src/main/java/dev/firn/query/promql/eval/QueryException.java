package dev.firn.query.promql.eval;

/// A query that could not be answered: it is wrong in a way that only its data show, or it met a
/// limit.
public final class QueryException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// Why.
    public enum Kind {
        /// The query's own fault.
        EXECUTION,
        /// It needs more samples at once than allowed.
        TOO_MANY_SAMPLES,
        /// It took longer than allowed.
        TIMEOUT,
        /// Its asker gave up.
        CANCELED,
        /// Where the samples are, something failed.
        STORAGE
    }

    private final Kind kind;

    public QueryException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    static QueryException execution(String message) {
        return new QueryException(Kind.EXECUTION, message);
    }

    static QueryException duplicates() {
        return execution("vector cannot contain metrics with the same labelset");
    }

    public Kind kind() {
        return kind;
    }
}

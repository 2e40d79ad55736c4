package dev.firn.process.ottl;

/// A statement or condition that cannot be evaluated for the data at hand; what follows is the
/// error mode's affair.
public final class EvaluationException extends RuntimeException {
    private static final long serialVersionUID = 1;

    EvaluationException(String message) {
        super(message, null, false, false);
    }
}

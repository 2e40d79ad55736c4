package dev.firn.base;

/// The user's mistake (configuration, arguments, a query): shown as one message, exit code 2, never
/// a stack trace.
public final class InputException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// A message says *cannot do what, where, why; what to do*.
    public InputException(String message) {
        super(message);
    }
}

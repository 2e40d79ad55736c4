package dev.firn.process.ottl;

/// The user's mistake in a statement, found before it runs.
final class Mistake extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int at;
    private final boolean skipped;

    /// @param at offset in the text
    Mistake(int at, String message) {
        this(at, message, false);
    }

    private Mistake(int at, String message, boolean skipped) {
        super(message, null, false, false);
        this.at = at;
        this.skipped = skipped;
    }

    /// A statement that could never succeed, although a Collector starts with it: it is left out,
    /// with a warning.
    static Mistake neverSucceeds(int at, String message) {
        return new Mistake(at, message, true);
    }

    int at() {
        return at;
    }

    boolean isWarning() {
        return skipped;
    }

    String text() {
        return String.valueOf(getMessage());
    }
}

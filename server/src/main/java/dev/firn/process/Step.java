package dev.firn.process;

import dev.firn.process.ottl.Subject;

/// A part of a processor that looks at one series, or at one point. Thread-safe.
interface Step {
    /// Works on the subject.
    ///
    /// @return whether it goes on
    /// @throws Failure if the whole request cannot
    boolean apply(Subject subject);

    /// Whether it reads or writes the point. Else its result is the same for all points of a series
    /// and is remembered.
    boolean ofPoints();

    /// Whether it may change what a series is.
    boolean renames();

    /// Counts points that did not go on.
    void dropped(long points);

    /// A statement failed, and the configuration says that the request must then not pass.
    final class Failure extends RuntimeException {
        private static final long serialVersionUID = 1;

        Failure(String message) {
            super(message, null, false, false);
        }

        String text() {
            return String.valueOf(getMessage());
        }
    }
}

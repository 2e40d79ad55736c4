package dev.firn.ops.doctor;

/// What one look found.
///
/// @param subject what was looked at
/// @param detail what was seen
/// @param advice how to mend it; empty where nothing is to be mended
public record Finding(Verdict verdict, String subject, String detail, String advice) {
    /// How bad it is.
    public enum Verdict {
        /// As it should be.
        OK,
        /// Firn starts, and something will hurt.
        WARNING,
        /// Firn does not start, or loses its use.
        MISSING
    }

    static Finding ok(String subject, String detail) {
        return new Finding(Verdict.OK, subject, detail, "");
    }

    static Finding warning(String subject, String detail, String advice) {
        return new Finding(Verdict.WARNING, subject, detail, advice);
    }

    static Finding missing(String subject, String detail, String advice) {
        return new Finding(Verdict.MISSING, subject, detail, advice);
    }
}

package dev.firn.ops.health;

import java.util.Locale;

/// How a check stands, from good to bad.
public enum State {
    /// As it should be.
    OK,
    /// Nothing to judge yet: no data came so far. Healthy.
    WAITING,
    /// Somebody should look today.
    WARNING,
    /// Somebody must look now.
    CRITICAL;

    /// As it is written everywhere.
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Exit code of `firn health`.
    public int exitCode() {
        return switch (this) {
            case OK, WAITING -> 0;
            case WARNING -> 1;
            case CRITICAL -> 2;
        };
    }
}

package dev.firn.base.security;

import java.util.Locale;

/// What a user may do.
public enum Role {
    /// Send points.
    INGEST,
    /// Look at everything, and change nothing.
    READ,
    /// Everything.
    ADMIN;

    /// Whether what needs `needed` is allowed.
    public boolean covers(Role needed) {
        return this == ADMIN || this == needed;
    }

    /// As the configuration writes it.
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}

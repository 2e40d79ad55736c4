package dev.firn.lake;

import org.jspecify.annotations.Nullable;

/// The lake holds a position of this writer that is neither the one before nor the one after: a
/// cloned data directory, a restored backup, or a lake that was rolled back. To go on would lose or
/// double rows; a human decides.
public final class ForeignPosition extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final @Nullable String stored;

    /// Names both positions.
    ForeignPosition(String table, String writer, @Nullable String stored, String expected) {
        super(
                "cannot commit to lake table \""
                        + table
                        + "\" as writer \""
                        + writer
                        + "\": the lake stands at position "
                        + quoted(stored)
                        + ", this data directory at "
                        + expected
                        + "; it is a clone or a restored backup, or the lake was rolled back:"
                        + " if its catalog was restored or lost, run firn lake recover;"
                        + " else run the data directory that belongs to the lake,"
                        + " or give this one a new writer id");
        this.stored = stored;
    }

    /// The position found.
    public @Nullable String stored() {
        return stored;
    }

    static String quoted(@Nullable String position) {
        return position == null ? "none" : "\"" + position + "\"";
    }
}

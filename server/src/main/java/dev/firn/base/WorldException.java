package dev.firn.base;

import org.jspecify.annotations.Nullable;

/// The world's failure (disk, network, another process): a retry may mend it. Bugs of ours are
/// other exceptions.
public class WorldException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// A message says *cannot do what, where, why; what to do*.
    public WorldException(String message) {
        super(message);
    }

    /// The same, wrapped once at a room's border.
    public WorldException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}

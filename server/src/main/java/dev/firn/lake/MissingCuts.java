package dev.firn.lake;

import dev.firn.base.WorldException;

/// The log no longer has the cut that comes after the lake's position: to go on would leave a hole
/// that nobody sees. A human decides.
public final class MissingCuts extends WorldException {
    private static final long serialVersionUID = 1;

    MissingCuts(String table, String writer, long needed, long oldest) {
        super(
                "cannot go on with lake table \""
                        + table
                        + "\" as writer \""
                        + writer
                        + "\": it needs cut "
                        + needed
                        + ", the write-ahead log begins with cut "
                        + oldest
                        + ", so that cuts "
                        + needed
                        + " to "
                        + (oldest - 1)
                        + " would be missing for ever; put the missing segments back into the wal"
                        + " folder, or turn the lake off (lake.enabled: false), or start with a new"
                        + " data directory, which is a new writer",
                null);
    }
}

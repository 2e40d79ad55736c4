package dev.firn.lake;

import dev.firn.base.InputException;
import dev.firn.base.WorldException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/// Tells a failure that lies in the rows from one that a retry can mend.
final class Refusal {
    private static final String ICEBERG_EXCEPTIONS = "org.apache.iceberg.exceptions.";

    /// What an S3 or the way to it says: 403 for a right that was taken away, too.
    private static final String S3_EXCEPTIONS = "software.amazon.awssdk.";

    private Refusal() {}

    /// True if the same rows would fail again: nothing in the chain of causes comes from disk,
    /// database, network, another process, or an interruption.
    static boolean isOfData(RuntimeException e) {
        for (@Nullable Throwable at = e; at != null; at = at.getCause()) {
            boolean world =
                    at instanceof IOException
                            || at instanceof UncheckedIOException
                            || at instanceof SQLException
                            || at instanceof InterruptedException
                            || at instanceof WorldException
                            || at instanceof InputException
                            || at instanceof Error
                            || at.getClass().getName().startsWith(ICEBERG_EXCEPTIONS)
                            || at.getClass().getName().startsWith(S3_EXCEPTIONS);
            if (world) {
                return false;
            }
        }
        return true;
    }
}

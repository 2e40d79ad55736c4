package dev.firn.lake;

import org.apache.iceberg.Table;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes back data files that no commit has ever named, after a failure that may be a full disk.
public final class Discard {
    private static final Logger LOG = LoggerFactory.getLogger(Discard.class);

    private Discard() {}

    /// Deletes the file, or lets it lie.
    public static void file(Table table, String location) {
        try {
            table.io().deleteFile(location);
        } catch (RuntimeException e) {
            // Orphan removal takes what stays; the failure that led here is the one to report.
            LOG.debug("cannot delete unfinished lake file \"{}\": {}", location, e.toString());
        }
    }
}

package dev.firn.lake.compact;

import org.apache.iceberg.DataFile;

/// A file is not in the order of its table, so that it cannot be merged before it is sorted.
final class UnsortedFile extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient DataFile file;

    UnsortedFile(DataFile file, long row) {
        super(
                "lake file \""
                        + file.location()
                        + "\" is not sorted: row "
                        + row
                        + " comes before the one above it");
        this.file = file;
    }

    DataFile file() {
        return file;
    }
}

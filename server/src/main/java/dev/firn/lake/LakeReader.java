package dev.firn.lake;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Consumer;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.io.CloseableIterable;

/// Reads rows of a lake table through Iceberg's own generic reader: nothing of Firn's writer stands
/// between the file and the row. For checks and small answers; scans belong to engines.
public final class LakeReader {
    private final Table table;

    /// @param table loaded by the calling thread
    public LakeReader(Table table) {
        this.table = table;
    }

    /// Hands each row that matches to `each`; rows come file by file, in the order of the file.
    ///
    /// @param columns names, nested ones with dots; empty for all
    public void read(
            Expression filter,
            List<String> columns,
            Consumer<org.apache.iceberg.data.Record> each) {
        IcebergGenerics.ScanBuilder scan = IcebergGenerics.read(table).where(filter);
        if (!columns.isEmpty()) {
            scan = scan.select(columns);
        }
        try (CloseableIterable<org.apache.iceberg.data.Record> rows = scan.build()) {
            rows.forEach(each);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot finish reading lake table " + table.name() + ": " + e.getMessage(), e);
        }
    }
}

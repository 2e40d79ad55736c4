package dev.firn.lake.keep;

import dev.firn.base.Disk;
import dev.firn.base.InputException;
import dev.firn.base.WorldException;
import dev.firn.lake.LakePaths;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/// The SQLite catalog as a file: read without Iceberg, copied while others use it, put in place,
/// moved aside.
public final class CatalogFile {
    private static final long BUSY_TIMEOUT_MILLIS = 10_000;
    private static final int COPY_BYTES = 1 << 20;

    private CatalogFile() {}

    private static Connection open(Path file) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:sqlite:" + file.toAbsolutePath() + "?busy_timeout=" + BUSY_TIMEOUT_MILLIS);
    }

    /// Location of each table's metadata, by table name, of a sound catalog.
    ///
    /// @throws SQLException when it is none, or is damaged
    static Map<String, String> read(Path file) throws SQLException {
        try (Connection connection = open(file);
                Statement statement = connection.createStatement()) {
            try (ResultSet check = statement.executeQuery("PRAGMA integrity_check")) {
                String result = check.next() ? check.getString(1) : "nothing";
                if (!"ok".equals(result)) {
                    throw new SQLException("SQLite's integrity check says: " + result);
                }
            }
            var tables = new TreeMap<String, String>();
            try (ResultSet rows =
                    statement.executeQuery(
                            "SELECT table_name, metadata_location FROM iceberg_tables WHERE"
                                    + " table_namespace = '"
                                    + LakePaths.NAMESPACE
                                    + "'")) {
                while (rows.next()) {
                    tables.put(rows.getString(1), rows.getString(2));
                }
            }
            return tables;
        }
    }

    /// Copies a data directory's catalog into a new file, durable when it returns. Firn may run:
    /// the copy is one moment's.
    ///
    /// @return location of each table's metadata in the copy
    public static Map<String, String> backUp(Path data, Path to, Disk disk) {
        Path catalog = LakePaths.catalog(data);
        if (disk.exists(to)) {
            throw new InputException(
                    "cannot back the catalog up to \"" + to + "\": it exists; name a new file");
        }
        if (!disk.exists(catalog)) {
            throw new InputException("cannot back up \"" + catalog + "\": there is none");
        }
        Path partial = to.resolveSibling(to.getFileName() + ".partial");
        try {
            disk.delete(partial);
            try (Connection connection = open(catalog);
                    Statement statement = connection.createStatement()) {
                statement.execute(
                        "VACUUM INTO '"
                                + partial.toAbsolutePath().toString().replace("'", "''")
                                + "'");
            }
            Map<String, String> tables = read(partial);
            try (Disk.File file = disk.openWrite(partial)) {
                file.force();
            }
            disk.rename(partial, to);
            disk.syncDirectory(folder(to));
            return tables;
        } catch (SQLException | IOException e) {
            throw new WorldException(
                    "cannot back \"" + catalog + "\" up to \"" + to + "\": " + e.getMessage(), e);
        }
    }

    private static Path folder(Path file) {
        return Objects.requireNonNull(file.toAbsolutePath().getParent(), "a file has a directory");
    }

    /// Puts a copy of a file in the catalog's place. Nobody may have the catalog open; [#moveAside]
    /// comes before.
    static void put(Path from, Path data, Disk disk) throws IOException {
        Path catalog = LakePaths.catalog(data);
        Path temporary = catalog.resolveSibling(catalog.getFileName() + ".new");
        disk.delete(temporary);
        try (Disk.File source = disk.openRead(from);
                Disk.File target = disk.create(temporary)) {
            var buffer = ByteBuffer.allocate(COPY_BYTES);
            for (long at = 0; source.read(buffer, at) > 0; ) {
                buffer.flip();
                int bytes = buffer.remaining();
                target.write(buffer, at);
                at += bytes;
                buffer.clear();
            }
            target.force();
        }
        disk.rename(temporary, catalog);
        disk.syncDirectory(folder(catalog));
    }

    /// Renames the catalog and what SQLite keeps beside it.
    ///
    /// @param suffix of the new names, `.` and more
    static void moveAside(Path data, String suffix, Disk disk) throws IOException {
        Path catalog = LakePaths.catalog(data);
        for (String part : List.of("-wal", "-shm", "")) {
            Path file = catalog.resolveSibling(catalog.getFileName() + part);
            if (disk.exists(file)) {
                disk.rename(file, file.resolveSibling(file.getFileName() + suffix));
            }
        }
        disk.syncDirectory(folder(catalog));
    }
}

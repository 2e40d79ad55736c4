package dev.firn.query;

import dev.firn.base.InputException;
import java.util.List;
import org.apache.iceberg.Table;

/// A list of Parquet files as the engine of a ClickHouse table: what the table shows is these files
/// and nothing else.
final class FileList {
    /// Most files of one table; its statement has some 80 bytes a file, and the engine takes 16
    /// MiB.
    static final int FILES_MAX = 150_000;

    /// What ClickHouse would take for a pattern in a path, or for the end of a text.
    private static final String PATTERNS = "{}*?,'\\";

    private FileList() {}

    /// The ENGINE clause for files of a table.
    ///
    /// @param server hands out those that are not on a local disk
    /// @throws InputException when they are too many, or cannot be named
    static String engine(Table table, List<String> locations, FileServer server) {
        if (locations.stream().noneMatch(FileServer::remote)) {
            return engine(locations);
        }
        refuseTooMany(locations);
        var paths = locations.stream().map(location -> FileServer.path(table, location)).toList();
        paths.forEach(FileList::check);
        return server.engine(table, pattern(paths));
    }

    /// The ENGINE clause for local files.
    ///
    /// @param paths absolute
    /// @throws InputException when they are too many, or cannot be named
    static String engine(List<String> paths) {
        refuseTooMany(paths);
        if (paths.isEmpty()) {
            return "File(TabSeparated, '/dev/null')"; // has rows never, and `_path` like the others
        }
        paths.forEach(FileList::check);
        return "File(Parquet, '" + pattern(paths) + "')";
    }

    private static void refuseTooMany(List<String> paths) {
        if (paths.size() > FILES_MAX) {
            throw new InputException(
                    "cannot show "
                            + paths.size()
                            + " data files as a table: the limit is "
                            + FILES_MAX
                            + "; let compaction merge them, or ask for less time");
        }
    }

    private static String pattern(List<String> paths) {
        if (paths.size() == 1) {
            return paths.getFirst();
        }
        String folder = commonFolder(paths);
        var text = new StringBuilder(folder).append('{');
        for (int i = 0; i < paths.size(); i++) {
            text.append(i == 0 ? "" : ",")
                    .append(paths.get(i), folder.length(), paths.get(i).length());
        }
        return text.append('}').toString();
    }

    private static void check(String path) {
        boolean odd = path.chars().anyMatch(c -> PATTERNS.indexOf(c) >= 0);
        if (odd || !path.startsWith("/")) {
            throw new InputException(
                    "cannot show lake file \""
                            + path
                            + "\" in the engine: its path "
                            + (odd ? "holds one of " + PATTERNS : "is not an absolute local one")
                            + "; read it with another tool");
        }
    }

    /// Up to and with the last slash that all paths share.
    private static String commonFolder(List<String> paths) {
        String common = paths.getFirst();
        for (String path : paths) {
            int length = Math.min(common.length(), path.length());
            int same = 0;
            while (same < length && common.charAt(same) == path.charAt(same)) {
                same++;
            }
            common = common.substring(0, same);
        }
        return common.substring(0, common.lastIndexOf('/') + 1);
    }
}

package dev.firn.cli;

import dev.firn.base.Disk;
import dev.firn.base.InputException;
import dev.firn.base.Reason;
import dev.firn.base.WorldException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A backup of the engine: `backup/NAME` in the data directory, with ClickHouse's files in `engine`
/// and, written last, `contents`: what it holds in whole.
///
/// @param path of the folder
public record BackupFolder(Path path) {
    private static final String CONTENTS = "contents";

    /// @param name of the backup
    /// @throws InputException when it is no plain name
    public static BackupFolder of(Path data, String name) {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")) {
            throw new InputException(
                    "\"" + name + "\" is no name of letters, digits, dots, - and underscores");
        }
        return new BackupFolder(data.toAbsolutePath().normalize().resolve("backup").resolve(name));
    }

    /// ClickHouse's files, below the folder of all backups.
    public String place() {
        return path.getFileName() + "/engine";
    }

    /// @throws InputException when there is such a backup, or a part of one
    public void refuseThere() {
        if (Files.exists(path)) {
            throw new InputException(
                    "cannot back up into \""
                            + path
                            + "\": it exists; take another name, or remove it");
        }
    }

    /// Writes what it holds; durable when this returns.
    public void write(List<String> lines, Disk disk) throws IOException {
        byte[] text = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
        disk.replace(path.resolve(CONTENTS), text);
    }

    /// What [#write] wrote.
    ///
    /// @throws InputException when the backup is not whole
    public List<String> read() {
        Path file = path.resolve(CONTENTS);
        if (!Files.isRegularFile(file)) {
            throw new InputException(
                    "cannot restore \""
                            + path
                            + "\": it has no file \""
                            + CONTENTS
                            + "\", which a backup gets at its end; name another");
        }
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new WorldException("cannot read \"" + file + "\": " + Reason.of(e), e);
        }
    }
}

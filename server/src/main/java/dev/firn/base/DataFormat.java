package dev.firn.base;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// The version of a data directory as a whole, in its file `format`. Log, lake, engine and state
/// have versions of their own; this one grows when an older Firn must not touch any of it.
public final class DataFormat {
    /// What this Firn reads and writes. A directory without the file is of version 1.
    public static final int CURRENT = 1;

    static final String NAME = "format";

    private DataFormat() {}

    /// Refuses a directory that a newer Firn wrote.
    ///
    /// @throws WorldException also when the file says nothing that can be understood
    public static void check(Path directory) {
        int found = read(directory);
        if (found > CURRENT) {
            throw new WorldException(
                    "cannot open data directory \"%s\": it has format %d, this Firn knows up to %d; start the newer Firn that wrote it, or choose another with --data DIR"
                            .formatted(directory, found, CURRENT));
        }
    }

    /// Says in the directory that this Firn wrote it.
    public static void mark(Path directory) {
        String text = "firn-data " + CURRENT + "\n";
        Path file = directory.resolve(NAME);
        try {
            if (Files.exists(file) && Files.readString(file).equals(text)) {
                return;
            }
            WholeFile.replace(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new WorldException("cannot write \"" + file + "\": " + Reason.of(e), e);
        }
    }

    private static int read(Path directory) {
        Path file = directory.resolve(NAME);
        try {
            String text = Files.readString(file).strip();
            if (text.matches("firn-data [1-9][0-9]{0,8}")) {
                return Integer.parseInt(text.substring("firn-data ".length()));
            }
            throw new WorldException(
                    "cannot open data directory \"%s\": its file \"%s\" says \"%s\", not \"firn-data N\"; is it a data directory of Firn?"
                            .formatted(directory, NAME, text));
        } catch (NoSuchFileException e) {
            return 1;
        } catch (IOException e) {
            throw new WorldException("cannot read \"" + file + "\": " + Reason.of(e), e);
        }
    }
}

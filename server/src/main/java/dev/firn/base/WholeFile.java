package dev.firn.base;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// Small files that are there as a whole or not at all: a crash or a full disk leaves what was
/// there before.
public final class WholeFile {
    /// Writes what is to be in the file.
    @FunctionalInterface
    public interface Content {
        void write(OutputStream out) throws IOException;
    }

    private WholeFile() {}

    /// Replaces a file, or makes it; durable when it returns but for the name, which may still be
    /// the old file's after a power failure.
    public static void replace(Path file, Content content) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try (var out = new FileOutputStream(fresh.toFile())) {
            content.write(out);
            out.flush();
            out.getFD().sync();
        }
        Files.move(
                fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}

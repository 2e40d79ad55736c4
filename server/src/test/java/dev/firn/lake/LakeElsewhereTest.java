package dev.firn.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.NioDisk;
import dev.firn.base.WorldException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A catalog and its metadata hold absolute paths.
final class LakeElsewhereTest {
    @TempDir Path folder;

    private Path original() {
        Path original = folder.resolve("original");
        open(original);
        return original;
    }

    private static void open(Path data) {
        try (var catalog = LakeCatalog.sqlite(data, new NioDisk())) {
            catalog.createTables(TestTables.both());
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    @Test
    void aCopiedDataDirectoryIsRefused() throws IOException {
        Path original = original();
        Path copy = folder.resolve("copy");
        copy(original, copy);
        assertThatThrownBy(() -> open(copy))
                .isInstanceOf(WorldException.class)
                .hasMessageContaining("\"" + original + "/lake/warehouse/metrics/")
                .hasMessageContaining("\"" + copy + "/lake/warehouse\"")
                .hasMessageContaining("move it back");
    }

    @Test
    void aMovedDataDirectoryIsRefusedUntilItIsBack() throws IOException {
        Path original = original();
        Path moved = folder.resolve("moved");
        Files.move(original, moved);
        assertThatThrownBy(() -> open(moved))
                .isInstanceOf(WorldException.class)
                .hasMessageContaining("\"" + original + "/lake/warehouse/metrics/")
                .hasMessageContaining("\"" + moved + "/lake/warehouse\"")
                .hasMessageContaining("move it back");
        Files.move(moved, original);
        open(original);
    }

    @Test
    void linksToTheSamePlaceAreTheSamePlace() throws IOException {
        Path original = original();
        Path link = Files.createSymbolicLink(folder.resolve("link"), original);
        open(link);
        Path clone = Files.createDirectory(folder.resolve("clone"));
        Files.createSymbolicLink(clone.resolve("lake"), original.resolve("lake"));
        open(clone);
        assertThat(clone.resolve("lake/warehouse")).isDirectory();
    }
}

package dev.firn.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReasonTest {
    @TempDir Path folder;

    @Test
    void exceptionsThatNameOnlyThePathAreSpelledOut() {
        assertThat(Reason.of(new AccessDeniedException("/a"))).isEqualTo("permission denied (/a)");
        assertThat(Reason.of(new FileSystemException("/a", null, "No space left on device")))
                .isEqualTo("No space left on device (/a)");
        assertThat(Reason.of(new IOException("it is broken"))).isEqualTo("it is broken");
        assertThat(Reason.of(new IOException())).isEqualTo("IOException");
    }

    @Test
    void aDataDirectoryThatCannotBeMadeIsToldWithItsReason() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> FolderLock.tryLock(file))
                .isInstanceOf(WorldException.class)
                .hasMessage(
                        "cannot lock data directory \"%s\": a file of that name is there already"
                                        .formatted(file)
                                + " (%s); choose another with --data DIR".formatted(file));
    }
}

package dev.firn.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderLockTest {
    @TempDir Path parent;
    private Path folder;

    @BeforeEach
    void createFolder() throws IOException {
        folder = Files.createDirectory(parent.resolve("data"));
    }

    /// What another process finds.
    private boolean freeForAnother() throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Other.class.getName(),
                                folder.toString())
                        .inheritIO()
                        .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue() == 0;
    }

    /// Exit code 0 when it got the lock.
    static final class Other {
        public static void main(String[] arguments) {
            System.exit(FolderLock.tryLock(Path.of(arguments[0])).isPresent() ? 0 : 3);
        }
    }

    @Test
    void aSecondOneInThisProcessIsRefusedAndTakesNothingFromTheFirst() throws Exception {
        try (FolderLock first = FolderLock.tryLock(folder).orElseThrow()) {
            first.describe("the first");
            assertThat(FolderLock.tryLock(folder)).isEmpty();
            Path link = Files.createSymbolicLink(parent.resolve("link"), folder);
            assertThat(FolderLock.tryLock(link)).isEmpty();
            assertThat(FolderLock.tryLock(folder.resolve("..").resolve(folder.getFileName())))
                    .isEmpty();
            assertThat(FolderLock.holder(folder)).isEqualTo("the first");
            assertThat(freeForAnother()).isFalse();
        }
        assertThat(freeForAnother()).isTrue();
    }

    @Test
    void closingTwiceDoesNotFreeItForTheNext() throws Exception {
        FolderLock first = FolderLock.tryLock(folder).orElseThrow();
        first.close();
        try (FolderLock second = FolderLock.tryLock(folder).orElseThrow()) {
            first.close();
            assertThat(FolderLock.tryLock(folder)).isEmpty();
            assertThat(second).isNotSameAs(first);
        }
        FolderLock.tryLock(folder).orElseThrow().close();
    }
}

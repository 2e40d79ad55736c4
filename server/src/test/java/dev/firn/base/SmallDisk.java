package dev.firn.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Path;

/// A file system in memory that can be filled up, for a test that runs as root; others are skipped.
public final class SmallDisk implements AutoCloseable {
    private final Path mount;

    /// @param size as mount takes it, such as `200m`
    public SmallDisk(Path mount, String size) throws IOException, InterruptedException {
        this.mount = mount;
        assumeThat(System.getProperty("user.name")).isEqualTo("root");
        assumeThat(run("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", mount.toString()))
                .isZero();
    }

    /// Gives it another size.
    public void resize(String size) throws IOException, InterruptedException {
        assertThat(run("mount", "-o", "remount,size=" + size, mount.toString())).isZero();
    }

    private static int run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        run("umount", mount.toString());
    }
}

package dev.firn.analyse.anomaly.live;

import dev.firn.base.InputException;
import dev.firn.base.Reason;
import dev.firn.base.WholeFile;
import dev.firn.base.WorldException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.jspecify.annotations.Nullable;

/// `state/anomaly.bin`: a [SignalWatch] and a checksum (CRC-32, 8 bytes). Replaced as a whole.
final class WatchFile {
    private final Path file;

    /// @param data the data directory
    WatchFile(Path data) {
        this.file = data.resolve("state").resolve("anomaly.bin");
    }

    /// @throws WorldException when it cannot be written
    void write(SignalWatch watch) {
        try {
            Files.createDirectories(file.resolveSibling(""));
            WholeFile.replace(
                    file,
                    stream -> {
                        var checked =
                                new CheckedOutputStream(
                                        new BufferedOutputStream(stream, 1 << 16), new CRC32());
                        var out = new DataOutputStream(checked);
                        watch.write(out);
                        out.writeLong(checked.getChecksum().getValue());
                        out.flush();
                    });
        } catch (IOException e) {
            throw new WorldException("cannot write \"" + file + "\": " + Reason.of(e), e);
        }
    }

    /// What was written last; null if nothing was.
    ///
    /// @throws InputException when it is not what was written, or of another version
    @Nullable SignalWatch read(int seriesMax) {
        if (!Files.exists(file)) {
            return null;
        }
        try (var stream = new FileInputStream(file.toFile())) {
            var checked =
                    new CheckedInputStream(new BufferedInputStream(stream, 1 << 16), new CRC32());
            var in = new DataInputStream(checked);
            SignalWatch watch = SignalWatch.read(in, seriesMax);
            long is = checked.getChecksum().getValue();
            long says = in.readLong();
            if (is != says) {
                throw new InputException(
                        "checksum is 0x%x, the file says 0x%x".formatted(is, says));
            }
            return watch;
        } catch (IOException e) {
            throw new InputException("cannot read \"" + file + "\": " + Reason.of(e));
        } catch (InputException e) {
            throw new InputException("cannot read \"" + file + "\": " + e.getMessage());
        }
    }

    /// Forgets what was written.
    void delete() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new WorldException("cannot delete \"" + file + "\": " + Reason.of(e), e);
        }
    }
}

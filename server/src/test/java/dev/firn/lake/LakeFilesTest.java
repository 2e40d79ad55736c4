package dev.firn.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.NioDisk;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.RangeReadable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LakeFilesTest {
    @TempDir Path folder;

    private final LakeFiles files = new LakeFiles(new NioDisk());

    private byte[] write(String location, Random random, int size) throws IOException {
        var bytes = new byte[size];
        random.nextBytes(bytes);
        try (var out = files.newOutputFile(location).create()) {
            for (int at = 0; at < size; ) {
                int length = Math.min(size - at, 1 + random.nextInt(100_000));
                if (length < 3) {
                    out.write(bytes[at]);
                    length = 1;
                } else {
                    out.write(bytes, at, length);
                }
                at += length;
                assertThat(out.getPos()).isEqualTo(at);
            }
        }
        return bytes;
    }

    @Test
    void whatIsWrittenIsReadAtAnyPosition() throws Exception {
        for (int seed = 0; seed < 30; seed++) {
            var random = new Random(seed);
            String location = folder.resolve("a b/c/" + seed).toString();
            byte[] bytes = write(location, random, random.nextInt(300_000));
            var input = files.newInputFile("file:" + location);
            assertThat(input.getLength()).isEqualTo(bytes.length);
            try (var in = input.newStream()) {
                for (int read = 0; read < 40; read++) {
                    int from = random.nextInt(bytes.length + 1);
                    int length = random.nextInt(read % 2 == 0 ? 100 : 60_000);
                    in.seek(from);
                    byte[] part = in.readNBytes(length);
                    assertThat(part)
                            .isEqualTo(
                                    Arrays.copyOfRange(
                                            bytes, from, Math.min(bytes.length, from + length)));
                    assertThat(in.getPos()).isEqualTo(from + part.length);
                }
                in.seek(bytes.length);
                assertThat(in.read()).isEqualTo(-1);
                var tail = new byte[Math.min(10, bytes.length)];
                assertThat(((RangeReadable) in).readTail(tail)).isEqualTo(tail.length);
                assertThat(tail)
                        .isEqualTo(
                                Arrays.copyOfRange(
                                        bytes, bytes.length - tail.length, bytes.length));
                assertThatThrownBy(() ->
                                ((RangeReadable) in).readFully(bytes.length - 1L, new byte[2]))
                        .isInstanceOf(EOFException.class);
            }
        }
    }

    @Test
    void createRefusesAnExistingFileAndOverwriteReplacesIt() throws Exception {
        String location = folder.resolve("x").toString();
        write(location, new Random(1), 1_000);
        assertThatThrownBy(() -> files.newOutputFile(location).create())
                .isInstanceOf(AlreadyExistsException.class)
                .hasMessageContaining("cannot create lake file \"" + location);
        try (var out = files.newOutputFile(location).createOrOverwrite()) {
            out.write(7);
        }
        assertThat(Files.readAllBytes(Path.of(location))).containsExactly(7);
    }

    @Test
    void deletedAndMissingFilesAreNotFound() throws Exception {
        String location = folder.resolve("x").toString();
        write(location, new Random(1), 10);
        files.deleteFile(location);
        files.deleteFile(location);
        assertThat(files.newInputFile(location).exists()).isFalse();
        assertThatThrownBy(() -> files.newInputFile(location).newStream())
                .isInstanceOf(NotFoundException.class);
    }

    @Test
    void aClosedFileSurvivesPowerLossAndAnOpenOneNeedNot() throws Exception {
        var disk = new LosingDisk(new NioDisk());
        var losing = new LakeFiles(disk);
        Path closed = folder.resolve("closed");
        Path open = folder.resolve("open");
        try (var out = losing.newOutputFile(closed.toString()).create()) {
            out.write(new byte[200_000]);
        }
        var unfinished = losing.newOutputFile(open.toString()).create();
        unfinished.write(new byte[200_000]);
        disk.losePower();
        assertThat(Files.size(closed)).isEqualTo(200_000);
        assertThat(Files.exists(open)).isFalse();
    }

    @Test
    void aFailedWriteMakesTheFileFail() throws Exception {
        var disk = new LosingDisk(new NioDisk());
        var out = new LakeFiles(disk).newOutputFile(folder.resolve("x").toString()).create();
        out.write(new byte[100]);
        disk.full = true;
        assertThatThrownBy(out::flush).isInstanceOf(IOException.class);
        disk.full = false;
        assertThatThrownBy(out::close).hasMessageContaining("earlier write");
    }
}

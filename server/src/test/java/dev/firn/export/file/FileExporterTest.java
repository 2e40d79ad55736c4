package dev.firn.export.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import dev.firn.base.Clock;
import dev.firn.base.Disk;
import dev.firn.base.NioDisk;
import dev.firn.base.OwnMetrics;
import dev.firn.base.WorldException;
import dev.firn.config.FileExporterConfig;
import dev.firn.model.Batch;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.Numbers;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.model.Temporality;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileExporterTest {
    @TempDir Path folder;
    private final OwnMetrics metrics = new OwnMetrics();
    private final AtomicLong now = new AtomicLong(1_700_000_000_000_000_000L);
    private final Clock clock =
            new Clock() {
                @Override
                public long nanos() {
                    return now.getAndAdd(1_000_000);
                }

                @Override
                public long ticks() {
                    return System.nanoTime();
                }
            };
    private final FullDisk disk = new FullDisk();
    private final SeriesRegistry registry =
            new SeriesRegistry(SeriesIdentity.SHA_256, Clock.system(), 1_000);

    /// A disk that takes half of a write and then says that it is full.
    private static final class FullDisk implements Disk {
        private final Disk real = new NioDisk();
        volatile boolean full;

        private final class FullFile implements File {
            private final File file;

            FullFile(File file) {
                this.file = file;
            }

            @Override
            public int read(ByteBuffer to, long position) throws IOException {
                return file.read(to, position);
            }

            @Override
            public void write(ByteBuffer from, long position) throws IOException {
                if (full) {
                    file.write(from.slice(0, from.remaining() / 2), position);
                    throw new IOException("No space left on device");
                }
                file.write(from, position);
            }

            @Override
            public void force() throws IOException {
                file.force();
            }

            @Override
            public long size() throws IOException {
                return file.size();
            }

            @Override
            public void truncate(long size) throws IOException {
                file.truncate(size);
            }

            @Override
            public void close() throws IOException {
                file.close();
            }
        }

        @Override
        public File openRead(Path path) throws IOException {
            return new FullFile(real.openRead(path));
        }

        @Override
        public File openWrite(Path path) throws IOException {
            return new FullFile(real.openWrite(path));
        }

        @Override
        public File create(Path path) throws IOException {
            return new FullFile(real.create(path));
        }

        @Override
        public void createDirectories(Path path) throws IOException {
            real.createDirectories(path);
        }

        @Override
        public void rename(Path from, Path to) throws IOException {
            real.rename(from, to);
        }

        @Override
        public void delete(Path path) throws IOException {
            real.delete(path);
        }

        @Override
        public boolean exists(Path path) {
            return real.exists(path);
        }

        @Override
        public List<Path> list(Path directory) throws IOException {
            return real.list(directory);
        }

        @Override
        public void syncDirectory(Path directory) throws IOException {
            real.syncDirectory(directory);
        }

        @Override
        public long usableSpace(Path path) throws IOException {
            return real.usableSpace(path);
        }
    }

    private Path path() {
        return folder.resolve("metrics.jsonl");
    }

    private FileExporterConfig config(
            boolean append, FileExporterConfig.@Nullable Rotation rotation) {
        return new FileExporterConfig(
                path(),
                append,
                Optional.ofNullable(rotation),
                FileExporterConfig.Format.JSON,
                FileExporterConfig.Compression.NONE,
                1_000_000,
                false);
    }

    private FileExporter open(FileExporterConfig config) {
        return new FileExporter("file", config, disk, metrics, clock, 4_000);
    }

    private Batch batch(long value) {
        var batch = new Batch();
        var metric =
                new Metric(
                        new Resource("{\"service.name\":\"shop\"}", "", 0, ""),
                        new Scope("", "", "{}", "", 0),
                        "requests",
                        "",
                        MetricType.GAUGE,
                        Temporality.UNSPECIFIED,
                        false,
                        "",
                        "{}");
        batch.numbers.add(registry.intern(metric, "{}"), 1, 0, 0, Numbers.INT, value);
        return batch;
    }

    private static String line(long value) {
        return "{\"resourceMetrics\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\","
                + "\"value\":{\"stringValue\":\"shop\"}}]},\"scopeMetrics\":[{\"scope\":{},"
                + "\"metrics\":[{\"name\":\"requests\",\"gauge\":{\"dataPoints\":[{"
                + "\"timeUnixNano\":\"1\",\"asInt\":\""
                + value
                + "\"}]}}]}]}]}";
    }

    private static List<String> lines(Path path) {
        try {
            return Files.exists(path) ? Files.readAllLines(path, UTF_8) : List.of();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private double metric(String sample) {
        return new String(metrics.page(), UTF_8)
                .lines()
                .filter(line -> line.startsWith(sample + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))))
                .findFirst()
                .orElseThrow();
    }

    private static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + 15_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - end).as("waiting for " + what).isNegative();
            LockSupport.parkNanos(10_000_000);
        }
    }

    @Test
    void writesALineForEachBatchWithinTheFlushInterval() {
        try (FileExporter exporter = open(config(false, null))) {
            exporter.export(batch(1));
            exporter.export(new Batch());
            exporter.export(batch(2));
            await("the lines", () -> lines(path()).size() == 2);
        }
        assertThat(lines(path())).containsExactly(line(1), line(2));
        assertThat(metric("otelcol_exporter_sent_metric_points{exporter=\"file\"}")).isEqualTo(2);
    }

    @Test
    void closingWritesWhatWaits() {
        var slow =
                new FileExporterConfig(
                        path(),
                        false,
                        Optional.empty(),
                        FileExporterConfig.Format.JSON,
                        FileExporterConfig.Compression.NONE,
                        3_600_000_000_000L,
                        false);
        FileExporter exporter = open(slow);
        exporter.export(batch(1));
        exporter.close();
        exporter.export(batch(2));
        assertThat(lines(path())).containsExactly(line(1));
    }

    @Test
    void emptiesTheFileUnlessItAppends() throws Exception {
        Files.writeString(path(), "old\n");
        open(config(false, null)).close();
        assertThat(lines(path())).isEmpty();
        Files.writeString(path(), "old\n");
        try (FileExporter exporter = open(config(true, null))) {
            exporter.export(batch(1));
        }
        assertThat(lines(path())).containsExactly("old", line(1));
    }

    @Test
    void halfALineOfAKilledProcessDoesNotSpoilTheNext() throws Exception {
        Files.writeString(path(), "{\"resourceMet");
        try (FileExporter exporter = open(config(true, null))) {
            exporter.export(batch(1));
        }
        assertThat(lines(path())).containsExactly("{\"resourceMet", line(1));
    }

    @Test
    void aFullFileIsPutAsideUnderTheCollectorsName() throws Exception {
        int length = line(10).length() + 1;
        try (FileExporter exporter =
                open(config(false, new FileExporterConfig.Rotation(3 * length, 0, 2, false)))) {
            for (int i = 10; i < 30; i++) {
                exporter.export(batch(i));
                int wanted = i - 9;
                await(
                        "the line",
                        () ->
                                metric("otelcol_exporter_sent_metric_points{exporter=\"file\"}")
                                        == wanted);
            }
        }
        var found = new ArrayList<String>();
        List<Path> files;
        try (var list = Files.list(folder)) {
            files = list.sorted().toList();
        }
        assertThat(files).hasSize(3);
        assertThat(files.getFirst().getFileName().toString())
                .matches("metrics-2023-11-14T22-13-20\\.\\d{3}-size\\.jsonl");
        files.forEach(file -> found.addAll(lines(file)));
        assertThat(found).containsExactlyElementsOf(lastLines(22, 30));
        assertThat(metric("firn_export_file_rotations_total{exporter=\"file\"}")).isEqualTo(6);
    }

    private static List<String> lastLines(int from, int to) {
        var lines = new ArrayList<String>();
        for (int i = from; i < to; i++) {
            lines.add(line(i));
        }
        return lines;
    }

    @Test
    void oldBackupsGoByAgeAndBothKindsOfNamesAreKnown() throws Exception {
        Files.writeString(folder.resolve("metrics-2023-11-01T00-00-00.000.jsonl"), "x");
        Files.writeString(folder.resolve("metrics-2023-11-14T00-00-00.000-size.jsonl"), "x");
        Files.writeString(folder.resolve("metrics-2023-11-01.jsonl"), "x");
        open(config(false, new FileExporterConfig.Rotation(1 << 20, 7, 0, false))).close();
        try (var list = Files.list(folder)) {
            assertThat(list.map(one -> one.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "metrics.jsonl",
                            "metrics-2023-11-14T00-00-00.000-size.jsonl",
                            "metrics-2023-11-01.jsonl");
        }
    }

    @Test
    void aFullDiskCostsWhatDoesNotFitTheQueueAndNoHalfLines() {
        try (FileExporter exporter = open(config(false, null))) {
            exporter.export(batch(1));
            await("the first line", () -> lines(path()).size() == 1);
            disk.full = true;
            for (int i = 2; i < 100; i++) {
                exporter.export(batch(i));
            }
            double dropped =
                    metric("otelcol_exporter_send_failed_metric_points{exporter=\"file\"}");
            assertThat(dropped).isBetween(50.0, 97.0);
            disk.full = false;
            await("the lines that waited", () -> lines(path()).size() == 99 - dropped);
            exporter.export(batch(100));
        }
        List<String> lines = lines(path());
        assertThat(lines).endsWith(line(100)).startsWith(line(1), line(2));
        assertThat(lines).allMatch(line -> line.startsWith("{\"res") && line.endsWith("]}"));
    }

    @Test
    void compressedRecordsHaveTheirLengthBeforeThem() throws Exception {
        var config =
                new FileExporterConfig(
                        path(),
                        true,
                        Optional.empty(),
                        FileExporterConfig.Format.JSON,
                        FileExporterConfig.Compression.ZSTD,
                        1_000_000,
                        false);
        try (FileExporter exporter = open(config)) {
            exporter.export(batch(1));
        }
        byte[] whole = Files.readAllBytes(path());
        Files.write(path(), java.util.Arrays.copyOf(whole, whole.length + 7)); // a torn record
        try (FileExporter exporter = open(config)) {
            exporter.export(batch(2));
        }
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(path()));
        var found = new ArrayList<String>();
        while (in.hasRemaining()) {
            byte[] frame = new byte[in.getInt()];
            in.get(frame);
            if (frame.length > 0) {
                found.add(new String(Zstd.decompress(frame, 10_000), UTF_8));
            }
        }
        assertThat(found).containsExactly(line(1), line(2));
    }

    @Test
    void aFileThatCannotBeOpenedStopsTheStart() {
        var config =
                new FileExporterConfig(
                        folder.resolve("no/metrics.jsonl"),
                        false,
                        Optional.empty(),
                        FileExporterConfig.Format.JSON,
                        FileExporterConfig.Compression.NONE,
                        1,
                        false);
        assertThatThrownBy(() -> open(config))
                .isInstanceOf(WorldException.class)
                .hasMessageContaining("create_directory: true");
    }
}

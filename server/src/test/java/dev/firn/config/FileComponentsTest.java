package dev.firn.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class FileComponentsTest {
    private final List<String> problems = new ArrayList<>();

    private <T> T read(String text, Function<Section, T> reader) {
        Yaml yaml = Yaml.parse("firn.yaml", text, variable -> null);
        return reader.apply(new Section("part", "firn.yaml:1", yaml, problems));
    }

    @Test
    void theFileExportersDefaultsAreTheCollectors() {
        assertThat(read("path: ./m.jsonl", FileExporterConfig::read))
                .isEqualTo(
                        new FileExporterConfig(
                                Path.of("./m.jsonl"),
                                false,
                                Optional.empty(),
                                FileExporterConfig.Format.JSON,
                                FileExporterConfig.Compression.NONE,
                                1_000_000_000,
                                false));
        assertThat(read("path: m\nrotation: {}", FileExporterConfig::read).rotation())
                .contains(new FileExporterConfig.Rotation(100 << 20, 0, 100, false));
        assertThat(problems).isEmpty();
    }

    @Test
    void everyKeyOfTheFileExporterIsRead() {
        assertThat(
                        read(
                                """
                                path: /buffer/metrics.jsonl
                                rotation: {max_megabytes: 10, max_days: 3, max_backups: 5, localtime: true}
                                format: proto
                                compression: zstd
                                flush_interval: 5s
                                create_directory: true
                                """,
                                FileExporterConfig::read))
                .isEqualTo(
                        new FileExporterConfig(
                                Path.of("/buffer/metrics.jsonl"),
                                false,
                                Optional.of(new FileExporterConfig.Rotation(10 << 20, 3, 5, true)),
                                FileExporterConfig.Format.PROTO,
                                FileExporterConfig.Compression.ZSTD,
                                5_000_000_000L,
                                true));
        assertThat(problems).isEmpty();
    }

    @Test
    void whatTheFileExporterCannotDoIsSaid() {
        read(
                """
                append: true
                rotation: {max_megabyte: 10}
                compression: gzip
                group_by: {enabled: true}
                encoding: text
                """,
                FileExporterConfig::read);
        assertThat(problems)
                .anyMatch(one -> one.contains("part.path: is missing; write path:"))
                .anyMatch(one -> one.contains("part.append: cannot stand beside rotation"))
                .anyMatch(one -> one.contains("did you mean \"max_megabytes\"?"))
                .anyMatch(one -> one.contains("part.compression: \"gzip\" is not known"))
                .anyMatch(one -> one.contains("part.group_by: Firn writes one file"))
                .anyMatch(one -> one.contains("part.encoding: "));
    }

    @Test
    void theReceiversDefaultsAreTheCollectors() {
        OtlpJsonFileReceiverConfig config =
                read("include: [/b/*.jsonl]", OtlpJsonFileReceiverConfig::read);
        assertThat(config)
                .isEqualTo(
                        new OtlpJsonFileReceiverConfig(
                                List.of("/b/*.jsonl"),
                                List.of(),
                                false,
                                200_000_000,
                                1_000,
                                32 << 20,
                                1_024));
        assertThat(
                        read(
                                        """
                                        include: [a]
                                        exclude: [b]
                                        start_at: beginning
                                        poll_interval: 1s
                                        fingerprint_size: 2000
                                        max_log_size: 4MiB
                                        max_concurrent_files: 10
                                        """,
                                        OtlpJsonFileReceiverConfig::read)
                                .startAtBeginning())
                .isTrue();
        assertThat(problems).isEmpty();
    }

    @Test
    void whatTheReceiverCannotDoIsSaid() {
        read("start_at: middle\ndelete_after_read: true", OtlpJsonFileReceiverConfig::read);
        assertThat(problems)
                .anyMatch(one -> one.contains("part.include: is missing"))
                .anyMatch(one -> one.contains("part.start_at: \"middle\" is not"))
                .anyMatch(one -> one.contains("part.delete_after_read: Firn deletes no files"));
    }

    @Test
    void theDebugExporterIsRead() {
        assertThat(read("{}", DebugExporterConfig::read))
                .isEqualTo(new DebugExporterConfig(DebugExporterConfig.Verbosity.BASIC, 2, 1));
        assertThat(
                        read(
                                "verbosity: detailed\nsampling_initial: 5\nsampling_thereafter: 200",
                                DebugExporterConfig::read))
                .isEqualTo(new DebugExporterConfig(DebugExporterConfig.Verbosity.DETAILED, 5, 200));
        assertThat(problems).isEmpty();
    }
}

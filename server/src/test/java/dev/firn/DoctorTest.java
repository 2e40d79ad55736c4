package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.lake.S3Process;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `firn doctor` before a start, with a broken configuration, and beside a running Firn.
class DoctorTest {
    @TempDir Path folder;

    private Served.Ran doctor(Path config, Path data, String... more) {
        var all =
                new java.util.ArrayList<String>(
                        java.util.List.of(
                                "doctor",
                                "--config",
                                config.toString(),
                                "--data",
                                data.toString()));
        all.addAll(java.util.List.of(more));
        return Served.command(all.toArray(String[]::new));
    }

    @Test
    void beforeAStartItLooksAtAllThatAStartNeedsAndLeavesNothing() throws Exception {
        Path config = Files.writeString(folder.resolve("firn.yaml"), Served.config(""));
        Path data = folder.resolve("data");
        Served.Ran ran = doctor(config, data);
        assertThat(ran.exit()).as(ran.out()).isZero();
        assertThat(ran.out().lines().map(line -> line.split("\t")[1]))
                .contains(
                        "java",
                        "configuration",
                        "memory",
                        "open files",
                        "clock",
                        "engine library",
                        "space",
                        "disk",
                        "port otlp grpc",
                        "port otlp http",
                        "port engine",
                        "port web");
        assertThat(data).doesNotExist();
        assertThat(ran.err()).isEmpty();
    }

    @Test
    void mistakesOfTheConfigurationAreLinesOfTheirOwn() throws Exception {
        Path config = Files.writeString(folder.resolve("firn.yaml"), "exporters: {firm: {}}\n");
        Served.Ran ran = doctor(config, folder.resolve("data"));
        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.out()).contains("missing\tconfiguration\t" + config);

        Path gone = folder.resolve("gone.yaml");
        Files.writeString(config, Served.config("quality: {rules: \"" + gone + "\"}"));
        ran = doctor(config, folder.resolve("data"));
        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.out()).contains("missing\tconfiguration\t").contains(gone.toString());
    }

    @Test
    void anS3IsAskedWhetherItMayBeUsed() throws Exception {
        String lake =
                "lake: {warehouse: \"s3://%s/doctor\", s3: {endpoint: \"%s\", path_style: true, access_key: the-key, secret_key: hunter2}}";
        Path config = folder.resolve("firn.yaml");
        Path data = folder.resolve("data");
        Files.writeString(
                config, Served.config(lake.formatted(S3Process.BUCKET, S3Process.endpoint())));
        Served.Ran ran = doctor(config, data);
        assertThat(ran.exit()).as(ran.out()).isZero();
        assertThat(ran.out()).contains("ok\tlake ").doesNotContain("missing", "hunter2");

        Files.writeString(config, Served.config(lake.formatted("nobucket", S3Process.endpoint())));
        ran = doctor(config, data);
        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.out()).contains("missing\tlake ", "nobucket").doesNotContain("hunter2");
    }

    @Test
    void aFirnThatRunsWellIsWell() throws Exception {
        Path data = Files.createDirectory(folder.resolve("data"));
        try (var _ = new Served(data, "")) {
            Path config = Files.writeString(folder.resolve("firn.yaml"), Served.config(""));
            Served.Ran ran = doctor(config, data);
            assertThat(ran.exit()).as(ran.out()).isZero();
            assertThat(ran.out()).contains("ok\thealth\t");
        }
    }

    @Test
    void besideARunningFirnItTellsItsHealthAndBundlesWithoutSecrets() throws Exception {
        Path data = Files.createDirectory(folder.resolve("data"));
        Path bundle = folder.resolve("support.zip");
        try (var served = new Served(data, "")) {
            served.sendAll(0, 1);
            Path config =
                    Files.writeString(
                            folder.resolve("firn.yaml"),
                            Served.config("extensions: {bearertokenauth: {token: hunter2}}"));
            Served.await(() -> doctor(config, data).exit() == 1); // the points are a day old
            Served.Ran ran = doctor(config, data, "--bundle", bundle.toString());
            assertThat(ran.out())
                    .contains("held by the Firn that runs", "missing\thealth freshness prod/")
                    .doesNotContain("ok\thealth");
            assertThat(ran.err()).contains("look through it");
        }
        Map<String, String> contents = contents(bundle);
        assertThat(contents.keySet())
                .containsExactly(
                        "config/1-firn.yaml",
                        "doctor.tsv",
                        "running/health.json",
                        "running/info.json",
                        "running/wal.json",
                        "version.txt");
        assertThat(contents.get("running/wal.json")).contains("segments");
        assertThat(contents.get("config/1-firn.yaml")).contains("(masked)");
        assertThat(String.join("", contents.values())).doesNotContain("hunter2");
    }

    private static Map<String, String> contents(Path zip) throws Exception {
        var contents = new TreeMap<String, String>();
        try (var file = new ZipFile(zip.toFile())) {
            for (var entry : file.stream().toList()) {
                contents.put(
                        entry.getName(),
                        new String(
                                file.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return contents;
    }
}

package dev.firn.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// `src/test/config/bad` holds one small file a rule; its leading comment lines are the message
/// that it must give. `warned` does the same for what is accepted with warnings.
class BadConfigTest {
    private static final Path FOLDER = Path.of("src/test/config");

    @TestFactory
    Stream<DynamicTest> everyBadFileGivesItsMessage() throws IOException {
        return list("bad").stream()
                .map(file ->
                        DynamicTest.dynamicTest(file.getFileName().toString(), () -> check(file)));
    }

    private static void check(Path file) throws IOException {
        compare(
                file,
                (name, text) -> {
                    try {
                        ConfigReader.parse(Map.of(name, text), BadConfigTest::environment);
                        return "nothing is wrong";
                    } catch (InputException e) {
                        return String.valueOf(e.getMessage());
                    }
                });
    }

    @TestFactory
    Stream<DynamicTest> everyWarnedFileGivesItsWarnings() throws IOException {
        return list("warned").stream()
                .map(file ->
                        DynamicTest.dynamicTest(
                                file.getFileName().toString(),
                                () ->
                                        compare(
                                                file,
                                                (name, text) ->
                                                        String.join(
                                                                "\n",
                                                                ConfigReader.parse(
                                                                                Map.of(name, text),
                                                                                BadConfigTest
                                                                                        ::environment)
                                                                        .warnings()))));
    }

    private static @Nullable String environment(String variable) {
        return variable.equals("REGION") ? "north" : null;
    }

    /// The comment lines above the file are what is said about it. With `-Dfirn.rewrite=true` they
    /// are written anew; the difference is for a reviewer.
    private static void compare(Path file, BinaryOperator<String> read) throws IOException {
        String name = file.getFileName().toString();
        String text = Files.readString(file);
        if (Boolean.getBoolean("firn.rewrite")) {
            for (int i = 0; i < 3; i++) { // line numbers move with the comment's length
                text = commented(read.apply(name, text)) + withoutComment(text);
            }
            Files.writeString(file, text);
        }
        assertThat(commented(read.apply(name, text)) + withoutComment(text)).isEqualTo(text);
    }

    private static String commented(String said) {
        return said.lines().map(line -> "# " + line + "\n").collect(Collectors.joining());
    }

    private static String withoutComment(String text) {
        return text.lines()
                .dropWhile(line -> line.startsWith("#"))
                .map(line -> line + "\n")
                .collect(Collectors.joining());
    }

    @TestFactory
    Stream<DynamicTest> everyGoodFileIsAccepted() throws IOException {
        return list("good").stream()
                .map(file ->
                        DynamicTest.dynamicTest(
                                file.getFileName().toString(),
                                () ->
                                        assertThat(
                                                        ConfigReader.read(
                                                                        List.of(file),
                                                                        variable -> null)
                                                                .warnings())
                                                .isEmpty()));
    }

    @Test
    void theBuiltInConfigurationStatesItsOwnDefaults() {
        Config written =
                ConfigReader.parse(
                        Map.of("default.yaml", ConfigReader.defaultText()), variable -> null);
        Config minimal =
                ConfigReader.parse(
                        Map.of(
                                "minimal.yaml",
                                """
                                receivers: {otlp: {protocols: {grpc: , http: }}}
                                exporters: {firn: , prometheus: {endpoint: 127.0.0.1:8889}}
                                service: {pipelines: {metrics: {receivers: [otlp], exporters: [firn, prometheus]}}}
                                """),
                        variable -> null);
        assertThat(written).isEqualTo(minimal);
    }

    @Test
    void laterFilesOverrideKeyByKey() {
        var texts = new java.util.LinkedHashMap<String, String>();
        texts.put("a.yaml", ConfigReader.defaultText());
        texts.put("b.yaml", "wal: {size_max: 1GiB}\nlake: {enabled: false}\n");
        Config config = ConfigReader.parse(texts, variable -> null);
        assertThat(config.wal().sizeMax()).isEqualTo(1L << 30);
        assertThat(config.wal().segmentSize()).isEqualTo(64L << 20);
        assertThat(config.lake().enabled()).isFalse();
    }

    @Test
    void theEnvironmentIsExpandedAsTheCollectorDoesIt() {
        String text = ConfigReader.defaultText() + "\n";
        Map<String, String> environment = Map.of("PORT", "9999");
        Config config =
                ConfigReader.parse(
                        Map.of(
                                "c.yaml",
                                text.replace(
                                        "127.0.0.1:8080", "${env:HOST:-127.0.0.2}:${env:PORT}")),
                        environment::get);
        assertThat(config.web().endpoint()).hasToString("127.0.0.2:9999");
    }

    private static List<Path> list(String folder) throws IOException {
        try (Stream<Path> files = Files.list(FOLDER.resolve(folder))) {
            return files.sorted().toList();
        }
    }
}

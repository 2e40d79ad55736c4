package dev.firn.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Checks the code against `docs/formats/series.md`.
class SeriesIdentityTest {
    static List<Map<String, String>> vectors() throws IOException {
        return blocks("vector").map(SeriesIdentityTest::fields).toList();
    }

    static List<String> canonicalTexts() throws IOException {
        return blocks("canonical-json").flatMap(String::lines).toList();
    }

    private static Stream<String> blocks(String language) throws IOException {
        Path page = Path.of("docs/formats/series.md");
        String text = Files.readString(Files.exists(page) ? page : Path.of("..").resolve(page));
        return Pattern.compile("(?ms)^```" + language + "\n(.*?)^```$")
                .matcher(text)
                .results()
                .map(match -> match.group(1));
    }

    private static Map<String, String> fields(String block) {
        var fields = new HashMap<String, String>();
        block.lines()
                .forEach(line -> {
                    int colon = line.indexOf(':');
                    fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
                });
        return fields;
    }

    private static String field(Map<String, String> vector, String key) {
        return Objects.requireNonNull(vector.get(key), key);
    }

    @Test
    void thePageHasVectors() throws IOException {
        assertThat(vectors()).hasSizeGreaterThanOrEqualTo(4);
        assertThat(canonicalTexts()).hasSizeGreaterThanOrEqualTo(10);
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void vectorsHold(Map<String, String> vector) {
        var metric =
                new Metric(
                        new Resource(field(vector, "resource"), "ignored", 7, "ignored"),
                        new Scope(
                                field(vector, "scope_name"),
                                field(vector, "scope_version"),
                                field(vector, "scope"),
                                "ignored",
                                7),
                        field(vector, "name"),
                        field(vector, "unit"),
                        type(field(vector, "type")),
                        temporality(field(vector, "temporality")),
                        Boolean.parseBoolean(field(vector, "monotonic")),
                        "ignored",
                        "ignored");
        byte[] canonical = SeriesIdentity.canonical(metric, field(vector, "attributes"));
        assertThat(HexFormat.of().formatHex(canonical)).isEqualTo(field(vector, "canonical"));

        var registry = new SeriesRegistry(SeriesIdentity.SHA_256, Clock.system(), 10);
        Series series = registry.intern(metric, field(vector, "attributes"));
        assertThat(series.fingerprint()).hasToString(field(vector, "fingerprint"));
        assertThat(Long.toString(series.id())).isEqualTo(field(vector, "series_id"));
        assertThat(Integer.toUnsignedString(series.metricId()))
                .isEqualTo(field(vector, "metric_id"));
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void attributesOfVectorsAreCanonical(Map<String, String> vector) {
        for (String key : List.of("resource", "scope", "attributes")) {
            assertThat(Attributes.fromJson(field(vector, key)).toJson())
                    .isEqualTo(field(vector, key));
        }
    }

    @ParameterizedTest
    @MethodSource("canonicalTexts")
    void canonicalTextsAreWrittenAsTheyWereRead(String text) {
        assertThat(Attributes.fromJson(text).toJson()).isEqualTo(text);
    }

    private static MetricType type(String label) {
        return Stream.of(MetricType.values())
                .filter(type -> type.label().equals(label))
                .findFirst()
                .orElseThrow();
    }

    private static Temporality temporality(String label) {
        return Stream.of(Temporality.values())
                .filter(temporality -> temporality.label().equals(label))
                .findFirst()
                .orElseThrow();
    }
}

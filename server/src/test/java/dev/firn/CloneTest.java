package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.WorldException;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A data directory that was copied with its writer id and its log.
class CloneTest {
    private static final String NO_ENGINE = "engine: {enabled: false}";

    @TempDir Path folder;

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    private Path original() {
        Path original = folder.resolve("original");
        try (var served = new Served(original, NO_ENGINE)) {
            served.sendAll(0, 3);
        }
        return original;
    }

    @Test
    void aCopyIsRefusedBecauseItsLakeIsTheOriginals() throws IOException {
        Path original = original();
        Path clone = folder.resolve("clone");
        copy(original, clone);
        assertThatThrownBy(() -> new Served(clone, NO_ENGINE).close())
                .isInstanceOf(WorldException.class)
                .hasMessageContaining("\"" + original + "/lake/warehouse/metrics/")
                .hasMessageContaining("\"" + clone + "/lake/warehouse\"");
        try (var served = new Served(original, NO_ENGINE)) {
            served.assertLakeRows(3 * Served.POINTS);
        }
    }

    @Test
    void aCloneOverTheSameCatalogStopsAndTheFirstGoesOn() throws IOException {
        Path original = original();
        Path clone = folder.resolve("clone");
        Files.createDirectory(clone);
        copy(original.resolve("wal"), clone.resolve("wal"));
        Files.createSymbolicLink(clone.resolve("lake"), original.resolve("lake"));
        try (var first = new Served(original, NO_ENGINE);
                var second = new Served(clone, NO_ENGINE)) {
            first.sendAll(3, 5);
            first.assertLakeRows(5 * Served.POINTS);
            var numbers = new int[] {100};
            var refused = new HttpResponse<?>[1];
            Served.await(() -> {
                HttpResponse<String> answer = second.send(Served.body(numbers[0]++));
                refused[0] = answer;
                return answer.statusCode() == 503;
            });
            assertThat(refused[0].headers().firstValue("Retry-After")).isPresent();
            assertNamesBoth(second.health().get("troubles"), position(first));

            first.sendAll(5, 8); // nothing was deleted or doubled, and the first goes on
            first.assertLakeRows(8 * Served.POINTS);
            assertThat(first.health().get("troubles")).isEmpty();
        }
        try (var first = new Served(original, NO_ENGINE)) {
            first.sendAll(8, 9);
            first.assertLakeRows(9 * Served.POINTS);
        }
    }

    private static String position(Served served) {
        for (JsonNode table : served.json("/api/firn/v1/lake")) {
            for (var position : table.get("positions").properties()) {
                return position.getValue().asString();
            }
        }
        throw new AssertionError("no position");
    }

    private static void assertNamesBoth(JsonNode troubles, String stored) {
        assertThat(troubles).isNotEmpty();
        assertThat(troubles.toString())
                .contains("the lake stands at position")
                .contains(stored)
                .contains("this data directory at")
                .contains("it is a clone or a restored backup");
    }
}

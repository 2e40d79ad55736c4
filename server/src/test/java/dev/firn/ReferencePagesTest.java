package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.OwnMetrics;
import dev.firn.config.ConfigReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Reference pages that are made from what runs. With `-Dfirn.rewrite=true` they are written anew;
/// the difference is for a reviewer.
class ReferencePagesTest {
    private static final Path PAGES = Path.of("../docs/reference");
    private static final Pattern KEY = Pattern.compile("( *)([a-z0-9_/]+):(?: (.*))?");
    private static final Path EVERY_COMPONENT =
            Path.of("src/test/config/good/every-component.yaml");

    @TempDir Path data;

    private static void compare(String name, String expected) throws IOException {
        Path page = PAGES.resolve(name);
        if (Boolean.getBoolean("firn.rewrite")) {
            Files.writeString(page, expected);
        }
        assertThat(page).exists();
        assertThat(Files.readString(page))
                .as("%s is not what runs; -Dfirn.rewrite=true writes it anew", name)
                .isEqualTo(expected);
    }

    private record Key(String path, String value, String comment) {}

    @Test
    void everyConfigurationKeyIsDescribed() throws IOException {
        var page = new StringBuilder();
        page.append("# Configuration\n\n")
                .append(
                        "Firn reads an OpenTelemetry Collector configuration with sections of its own")
                .append(" (`firn serve --config FILE`, repeatable;\nthe files merge). `firn check`")
                .append(" validates one, `firn config default` prints what is below as a file.")
                .append(" Unknown keys are errors.\nMade from the built-in configuration by")
                .append(" `ReferencePagesTest`.\n\n| key | default | meaning |\n|---|---|---|\n");
        table(page, keys(ConfigReader.defaultText()));
        page.append(
                        "\n## Components\n\nFirn's components have the Collector's names and keys, here with")
                .append(" their defaults (or an example where there is none).\nMade from the file")
                .append(
                        " `every-component.yaml` of the tests.\n\n| key | default or example | meaning |\n")
                .append("|---|---|---|\n");
        table(
                page,
                keys(Files.readString(EVERY_COMPONENT)).stream()
                        .filter(key -> !key.path().startsWith("service"))
                        .toList());
        compare("configuration.md", page.toString());
    }

    private static void table(StringBuilder page, List<Key> keys) {
        for (Key key : keys) {
            assertThat(key.comment()).as(key.path()).isNotEmpty();
            page.append(
                    "| `%s` | %s | %s |%n"
                            .formatted(
                                    key.path(),
                                    key.value().isEmpty() ? "" : "`" + key.value() + "`",
                                    key.comment().replace("|", "\\|")));
        }
    }

    /// Keys with a value, and those that nothing is below of.
    private static List<Key> keys(String yaml) {
        List<String> lines = yaml.lines().toList();
        var keys = new ArrayList<Key>();
        Deque<String> path = new ArrayDeque<>();
        var comment = new StringBuilder();
        for (int at = 0; at < lines.size(); at++) {
            String line = lines.get(at);
            Matcher key = KEY.matcher(line);
            if (line.strip().startsWith("#")) {
                comment.append(comment.isEmpty() ? "" : " ").append(line.strip().substring(2));
            } else if (key.matches()) {
                int depth = key.group(1).length() / 2;
                while (path.size() > depth) {
                    path.removeLast();
                }
                path.addLast(key.group(2));
                String value = key.group(3) == null ? "" : key.group(3);
                if (!value.isEmpty() || !deeper(lines, at, depth)) {
                    keys.add(new Key(String.join(".", path), value, comment.toString()));
                }
                comment.setLength(0);
            } else {
                comment.setLength(0);
            }
        }
        return keys;
    }

    private static boolean deeper(List<String> lines, int at, int depth) {
        for (String line : lines.subList(at + 1, lines.size())) {
            Matcher key = KEY.matcher(line);
            if (key.matches()) {
                return key.group(1).length() / 2 > depth;
            }
        }
        return false;
    }

    @Test
    void everyMetricIsDescribed() throws Exception {
        String scraped;
        List<OwnMetrics.About> all;
        try (var served = new Served(data, "")) {
            served.sendAll(0, 1);
            scraped = served.get("/metrics").body();
            all = ((Serving) served.running).metrics();
        }
        var shown = new TreeMap<String, String>();
        scraped.lines()
                .filter(line -> line.startsWith("# TYPE "))
                .map(line -> line.split(" "))
                .forEach(words -> shown.put(words[2], words[3]));
        var listed = new TreeMap<String, String>();
        var unlabelled = new TreeSet<String>();
        var page = new StringBuilder();
        page.append("# Firn's own metrics\n\n")
                .append(
                        "On `/metrics` of `web.endpoint`, in Prometheus' text format. A histogram is")
                .append(" exposed as `_bucket`, `_sum` and `_count`.\nMade from what runs by")
                .append(" `ReferencePagesTest`.\n\n| metric | type | labels | meaning |\n")
                .append("|---|---|---|---|\n");
        for (OwnMetrics.About one : all) {
            listed.put(one.name(), one.type());
            if (one.labels().isEmpty()) {
                unlabelled.add(one.name());
            }
            page.append(
                    "| `%s` | %s | %s | %s |%n"
                            .formatted(
                                    one.name(),
                                    one.type(),
                                    String.join(", ", one.labels()),
                                    one.help().replace("|", "\\|")));
        }
        assertThat(listed).containsAllEntriesOf(shown);
        assertThat(shown.keySet()).containsAll(unlabelled);
        assertThat(listed)
                .containsKeys(
                        "otel_buffer_size_bytes",
                        "otel_buffer_max_bytes",
                        "s3_uploader_files_processed_total");
        compare("metrics.md", page.toString());
    }
}

package dev.firn.receive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.config.ConfigReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LimitNamesTest {
    private static final Pattern NAME = Pattern.compile("limits\\.([a-z]+(?:_[a-z]+)+)");

    @Test
    void everyLimitThatThisRoomNamesIsAKeyOfTheConfiguration() throws IOException {
        var named = new TreeSet<String>();
        try (Stream<Path> files =
                Files.find(
                        Path.of("src/main/java/dev/firn/receive"),
                        9,
                        (file, attributes) -> attributes.isRegularFile())) {
            for (Path file : files.sorted().toList()) {
                NAME.matcher(Files.readString(file))
                        .results()
                        .forEach(found -> named.add(found.group(1)));
            }
        }
        String section = ConfigReader.defaultText();
        section = section.substring(section.indexOf("\nlimits:\n"));
        section = section.substring(0, section.indexOf("\nweb:\n"));
        assertThat(named).hasSizeGreaterThan(10);
        for (String name : named) {
            assertThat(section).as("limits.%s", name).contains("\n  " + name + ": ");
        }
    }
}

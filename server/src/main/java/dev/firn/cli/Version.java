package dev.firn.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;

/// Versions of Firn and of the engine library, from the build.
public record Version(String firn, String engine) {
    /// What this build is.
    public static Version current() {
        var properties = new Properties();
        try (InputStream in = Version.class.getResourceAsStream("/dev/firn/version.properties")) {
            properties.load(Objects.requireNonNull(in, "version.properties"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Version(
                properties.getProperty("version", ""), properties.getProperty("chdb", ""));
    }
}

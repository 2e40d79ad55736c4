package dev.firn.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// What the Collector has, so that a component that Firn lacks is not called a slip of the finger.
final class KnownComponents {
    private static final Map<String, Set<String>> NAMES = load();

    private KnownComponents() {}

    /// True if a Collector has such a `receiver`, `processor`, `exporter`, `extension` or
    /// `connector`.
    static boolean has(String kind, String type) {
        return NAMES.getOrDefault(kind, Set.of()).contains(type.replace("_", ""));
    }

    private static Map<String, Set<String>> load() {
        var names = new HashMap<String, Set<String>>();
        for (String line : text().lines().filter(one -> !one.startsWith("#")).toList()) {
            int colon = line.indexOf(':');
            names.computeIfAbsent(line.substring(0, colon), kind -> new HashSet<>())
                    .addAll(List.of(line.substring(colon + 1).strip().split(" ")));
        }
        return names;
    }

    private static String text() {
        try (InputStream in =
                KnownComponents.class.getResourceAsStream("/dev/firn/collector-components.txt")) {
            return new String(
                    Objects.requireNonNull(in, "collector-components.txt").readAllBytes(),
                    StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

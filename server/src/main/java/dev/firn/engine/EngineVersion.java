package dev.firn.engine;

import dev.firn.base.InputException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Whether a server is new enough.
public final class EngineVersion {
    /// The oldest that is taken: that on which every statement here is tested.
    private static final int YEAR_MIN = 26;

    private static final int RELEASE_MIN = 7;

    private static final Pattern VERSION = Pattern.compile("v?(\\d+)\\.(\\d+)(\\..*)?");

    private EngineVersion() {}

    /// Asks a server and refuses one that is too old.
    ///
    /// @return its version
    /// @throws InputException when it is, or is no ClickHouse
    public static String check(EngineClient client) throws InterruptedException {
        String version =
                client.query(EngineSql.read("engine/read_version", Map.of())).getFirst().text(0);
        Matcher parts = VERSION.matcher(version);
        if (!parts.matches()) {
            throw new InputException(
                    "cannot use the server at engine.url: it says that its version is \""
                            + version
                            + "\", which is none of ClickHouse");
        }
        int year = Integer.parseInt(parts.group(1));
        int release = Integer.parseInt(parts.group(2));
        if (year < YEAR_MIN || year == YEAR_MIN && release < RELEASE_MIN) {
            throw new InputException(
                    "cannot use the server at engine.url: it is ClickHouse %s, the oldest supported is %d.%d; update it, or take engine.url out and use the engine that comes with Firn"
                            .formatted(version, YEAR_MIN, RELEASE_MIN));
        }
        return version;
    }
}

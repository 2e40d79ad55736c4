package dev.firn.engine.child;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What an administrator wrote at the engine's port. The child says it on its standard output, a
/// line each, which the parent hears.
///
/// @param user who it was: name, or address of who has none
/// @param what the statement, without its rows
/// @param result done, or why not
public record Act(String user, String what, String result) {
    private static final String MARK = "act=";

    void tell() {
        var fields = new LinkedHashMap<String, String>();
        fields.put("act", what);
        fields.put("user", user);
        fields.put("result", result);
        System.out.println(EngineConfig.line(fields));
    }

    /// Empty for any other line.
    static Optional<Act> of(String line) {
        if (!line.startsWith(MARK)) {
            return Optional.empty();
        }
        Map<String, String> fields = EngineConfig.fields(line);
        return Optional.of(
                new Act(
                        fields.getOrDefault("user", ""),
                        fields.getOrDefault("act", ""),
                        fields.getOrDefault("result", "")));
    }
}

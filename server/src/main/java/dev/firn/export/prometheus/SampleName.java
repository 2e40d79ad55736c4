package dev.firn.export.prometheus;

import dev.firn.model.prometheus.Escaping;
import dev.firn.model.prometheus.Label;
import java.nio.charset.StandardCharsets;

/// A sample's name as both text formats begin a line with it: `name`, or `{"na.me"` where it has
/// characters that only newer readers know.
record SampleName(byte[] bytes, boolean quoted) {
    static SampleName of(String name) {
        boolean quoted = !Escaping.legacy(name);
        var out = new StringBuilder();
        if (quoted) {
            Label.quoted(name, out.append('{'));
        } else {
            out.append(name);
        }
        return new SampleName(out.toString().getBytes(StandardCharsets.UTF_8), quoted);
    }

    /// As it stands in comments.
    static String inComment(String name) {
        if (Escaping.legacy(name)) {
            return name;
        }
        var out = new StringBuilder();
        Label.quoted(name, out);
        return out.toString();
    }
}

package dev.firn.config;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An attribute that must be there.
///
/// @param value to which it must be equal ([String], [Long], [Double], [Boolean]) or that it must
///   match; null: any
public record AttributeMatch(String key, @Nullable Object value) {
    static List<AttributeMatch> list(Section section, String key, MatchType type) {
        var matches = new ArrayList<AttributeMatch>();
        for (Section one : section.sections(key)) {
            String name = one.text("key", "");
            if (name.isEmpty()) {
                one.problem("key", "name an attribute");
            }
            Object value = one.raw("value");
            if (type == MatchType.REGEXP && value instanceof String pattern) {
                Regex.check(one, "value", pattern);
            }
            one.close();
            matches.add(new AttributeMatch(name, value));
        }
        return List.copyOf(matches);
    }
}

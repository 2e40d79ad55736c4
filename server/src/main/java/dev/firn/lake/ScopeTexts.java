package dev.firn.lake;

import dev.firn.base.WorldException;
import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import dev.firn.model.Scope;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Column `scope`: name, version and attributes of a scope as one canonical JSON object.
final class ScopeTexts {
    private final Map<Scope, String> texts = new HashMap<>();
    private final Map<String, String> attributes = new HashMap<>();

    /// The text; made once a scope.
    String of(Scope scope) {
        return texts.computeIfAbsent(scope, ScopeTexts::text);
    }

    /// The scope's attributes as canonical JSON, from its text.
    String attributes(String text) {
        return attributes.computeIfAbsent(text, ScopeTexts::attributesOf);
    }

    private static String attributesOf(String text) {
        AttributeValue found = Attributes.fromJson(text).find("attributes").orElse(null);
        if (found instanceof AttributeValue.Nested(Attributes nested)) {
            return nested.toJson();
        }
        throw new WorldException("cannot read scope \"" + text + "\": it has no attributes");
    }

    private static String text(Scope scope) {
        return Attributes.of(
                        List.of(
                                new Attributes.Entry("name", new AttributeValue.Text(scope.name())),
                                new Attributes.Entry(
                                        "version", new AttributeValue.Text(scope.version())),
                                new Attributes.Entry(
                                        "attributes",
                                        new AttributeValue.Nested(
                                                Attributes.fromJson(scope.attributes())))))
                .toJson();
    }
}

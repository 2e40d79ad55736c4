package dev.firn.process.ottl;

import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import dev.firn.process.identity.AttributeMap;
import dev.firn.process.ottl.Functions.Editor;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What changes something.
final class Editors {
    private Editors() {}

    static Map<String, Editor> all() {
        return Map.of(
                "set", new Editor(List.of("target", "value"), Editors::set),
                "delete_key", new Editor(List.of("target", "key"), Editors::deleteKey),
                "delete_matching_keys",
                        new Editor(List.of("target", "pattern"), Editors::deleteMatchingKeys),
                "keep_keys", new Editor(List.of("target", "keys"), Editors::keepKeys),
                "limit", new Editor(List.of("target", "limit", "priority_keys"), Editors::limit),
                "truncate_all",
                        new Editor(
                                List.of("target", "limit", "utf8_safe?", "truncation_marker?"),
                                Editors::truncateAll),
                "replace_pattern",
                        new Editor(
                                List.of(
                                        "target",
                                        "regex_pattern",
                                        "replacement",
                                        "function?",
                                        "replacement_format?"),
                                Editors::replacePattern),
                "replace_match",
                        new Editor(
                                List.of(
                                        "target",
                                        "pattern",
                                        "replacement",
                                        "function?",
                                        "replacement_format?"),
                                Editors::replaceMatch));
    }

    private static Expression set(Arguments arguments) {
        Place target = arguments.target("target");
        Expression value = arguments.value("value").run();
        return subject -> {
            target.set(subject, value.value(subject));
            return null;
        };
    }

    private static Expression deleteKey(Arguments arguments) {
        Place target = arguments.target("target");
        Expression key = arguments.text("key");
        return subject -> {
            AttributeMap map = map(target, subject);
            map.remove(Values.asText(key.value(subject)));
            return put(target, subject, map);
        };
    }

    private static Expression deleteMatchingKeys(Arguments arguments) {
        Place target = arguments.target("target");
        Function<Subject, Regex> pattern = Patterns.regex(arguments, "pattern");
        return subject -> {
            Regex regex = pattern.apply(subject);
            AttributeMap map = map(target, subject);
            map.removeIf((key, value) -> regex.finds(key));
            return put(target, subject, map);
        };
    }

    private static Expression keepKeys(Arguments arguments) {
        Place target = arguments.target("target");
        List<Expression> keys = arguments.texts("keys");
        return subject -> {
            AttributeMap map = map(target, subject);
            Set<String> keep = new HashSet<>();
            for (Expression key : keys) {
                keep.add(Values.asText(key.value(subject)));
            }
            map.removeIf((key, value) -> !keep.contains(key));
            return put(target, subject, map);
        };
    }

    private static Expression limit(Arguments arguments) {
        Place target = arguments.target("target");
        long limit = arguments.literalInt("limit");
        List<String> named = arguments.literalTexts("priority_keys");
        Set<String> priority = Set.copyOf(named);
        if (limit < 0) {
            throw arguments.mistake("limit", "the limit " + limit + " is negative");
        }
        if (limit < named.size()) {
            throw arguments.mistake(
                    "limit",
                    "the limit "
                            + limit
                            + " is below the number of priority keys, "
                            + named.size());
        }
        return subject -> {
            AttributeMap map = map(target, subject);
            if (map.size() <= limit) {
                return null;
            }
            // Firn's attributes have no order but that of their keys; a Collector's that of the
            // sender
            Attributes all = map.toAttributes();
            long room = limit - named.stream().filter(key -> all.find(key).isPresent()).count();
            for (Attributes.Entry entry : all.entries()) {
                if (!isIn(priority, entry) && --room < 0) {
                    map.remove(entry.key());
                }
            }
            return put(target, subject, map);
        };
    }

    private static boolean isIn(Set<String> keys, Attributes.Entry entry) {
        return keys.contains(entry.key());
    }

    private static Expression truncateAll(Arguments arguments) {
        Place target = arguments.target("target");
        long limit = arguments.literalInt("limit");
        boolean utf8Safe = !arguments.has("utf8_safe") || arguments.literalBool("utf8_safe");
        String marker =
                arguments.has("truncation_marker")
                        ? arguments.literalText("truncation_marker")
                        : "";
        int markerBytes = marker.getBytes(StandardCharsets.UTF_8).length;
        if (limit < 0) {
            throw arguments.mistake("limit", "the limit " + limit + " is negative");
        }
        if (markerBytes > limit) {
            throw arguments.mistake(
                    "truncation_marker",
                    "the marker has " + markerBytes + " bytes, more than the limit " + limit);
        }
        if (!utf8Safe) {
            throw arguments.mistake(
                    "utf8_safe", "utf8_safe=false is not supported: texts stay valid UTF-8");
        }
        return subject -> {
            AttributeMap map = map(target, subject);
            for (Attributes.Entry entry : map.entries()) {
                if (entry.value() instanceof AttributeValue.Text(String text)) {
                    String cut = truncated(text, limit, markerBytes, marker);
                    if (!cut.equals(text)) {
                        map.put(entry.key(), new AttributeValue.Text(cut));
                    }
                }
            }
            return put(target, subject, map);
        };
    }

    /// `limit` counts bytes of UTF-8.
    private static String truncated(String text, long limit, int markerBytes, String marker) {
        if (text.length() * 3L <= limit) {
            return text;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= limit) {
            return text;
        }
        int end = (int) limit - markerBytes;
        while (end > 0 && (bytes[end] & 0xc0) == 0x80) {
            end--;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8) + marker;
    }

    private static Expression replacePattern(Arguments arguments) {
        return replacing(
                arguments,
                Patterns.regex(arguments, "regex_pattern"),
                (regex, text, replacement) ->
                        regex.finds(text) ? regex.replaceAll(text, replacement) : null);
    }

    private static Expression replaceMatch(Arguments arguments) {
        return replacing(
                arguments,
                Patterns.glob(arguments, "pattern"),
                (glob, text, replacement) -> glob.finds(text) ? replacement : null);
    }

    private interface Replacing {
        /// The new text; null to leave the old one.
        @Nullable String of(Regex pattern, String text, String replacement);
    }

    private static Expression replacing(
            Arguments arguments, Function<Subject, Regex> pattern, Replacing replacing) {
        Place target = arguments.target("target");
        Expression replacement = arguments.text("replacement");
        arguments.refuse("function", "; a statement before this one can convert the value");
        arguments.refuse("replacement_format", "");
        return subject -> {
            Object now = target.value(subject);
            if (now == null) {
                return null;
            }
            String by = Values.asText(replacement.value(subject));
            if (now instanceof AttributeValue.Text(String text)) {
                String result = replacing.of(pattern.apply(subject), text, by);
                if (result != null) {
                    target.set(subject, Values.text(result));
                }
            }
            return null;
        };
    }

    private static AttributeMap map(Place target, Subject subject) {
        if (target instanceof WholeMap(Function<Subject, AttributeMap> map)) {
            return map.apply(subject);
        }
        var copy = new AttributeMap();
        copy.reset(Values.asMap(target.value(subject)));
        return copy;
    }

    private static @Nullable Object put(Place target, Subject subject, AttributeMap map) {
        if (!(target instanceof WholeMap)) {
            target.set(subject, new AttributeValue.Nested(map.toAttributes()));
        }
        return null;
    }
}

package dev.firn.process;

import com.google.re2j.Matcher;
import dev.firn.config.AttributeAction;
import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import dev.firn.process.identity.AttributeMap;
import dev.firn.process.ottl.GoText;
import dev.firn.process.ottl.Numerals;
import dev.firn.process.ottl.Regex;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The actions of the processors `resource` and `attributes`, in order. Source: the Collector's
/// internal/coreinternal/attraction of 0.165.
final class AttributeActions {
    /// Something done to attributes.
    private interface Deed {
        void to(AttributeMap attributes);
    }

    private final List<Deed> deeds = new ArrayList<>();

    /// @param problems takes what the configuration's reader could not see
    AttributeActions(List<AttributeAction> actions, List<String> problems) {
        for (AttributeAction action : actions) {
            try {
                deeds.add(deed(action));
            } catch (IllegalArgumentException e) {
                problems.add(action.place() + ": " + action.path() + ".pattern: " + e.getMessage());
            }
        }
    }

    void apply(AttributeMap attributes) {
        for (Deed deed : deeds) {
            deed.to(attributes);
        }
    }

    private static Deed deed(AttributeAction action) {
        String key = action.key();
        return switch (action.kind()) {
            case INSERT ->
                    attributes -> {
                        if (attributes.find(key) == null) {
                            put(attributes, action);
                        }
                    };
            case UPDATE ->
                    attributes -> {
                        if (attributes.find(key) != null) {
                            put(attributes, action);
                        }
                    };
            case UPSERT -> attributes -> put(attributes, action);
            case DELETE -> deleting(key, pattern(action));
            case HASH -> hashing(key, pattern(action));
            case EXTRACT -> extracting(key, Regex.of(action.pattern()));
            case CONVERT ->
                    attributes -> {
                        AttributeValue value = attributes.find(key);
                        if (value != null) {
                            attributes.put(key, converted(value, action.convertedType()));
                        }
                    };
        };
    }

    private static @Nullable Regex pattern(AttributeAction action) {
        return action.pattern().isEmpty() ? null : Regex.of(action.pattern());
    }

    private static void put(AttributeMap attributes, AttributeAction action) {
        AttributeValue value = source(attributes, action);
        if (value != null) {
            attributes.put(action.key(), value);
        }
    }

    private static @Nullable AttributeValue source(
            AttributeMap attributes, AttributeAction action) {
        if (action.value() != null) {
            return ConfiguredValue.of(action.value());
        }
        AttributeValue from =
                action.fromAttribute().isEmpty() ? null : attributes.find(action.fromAttribute());
        if (from != null) {
            return from;
        }
        return action.defaultValue() == null ? null : ConfiguredValue.of(action.defaultValue());
    }

    private static Deed deleting(String key, @Nullable Regex pattern) {
        return attributes -> {
            attributes.remove(key);
            if (pattern != null) {
                attributes.removeIf((name, value) -> pattern.finds(name));
            }
        };
    }

    private static Deed hashing(String key, @Nullable Regex pattern) {
        return attributes -> {
            AttributeValue named = attributes.find(key);
            if (named != null) {
                attributes.put(key, hash(named));
            }
            if (pattern == null) {
                return;
            }
            for (Attributes.Entry entry : attributes.entries()) {
                if (pattern.finds(entry.key())) {
                    attributes.put(entry.key(), hash(entry.value()));
                }
            }
        };
    }

    /// SHA-256 in hexadecimal digits; of a list, map, bytes or nothing the empty text.
    private static AttributeValue hash(AttributeValue value) {
        byte[] bytes =
                switch (value) {
                    case AttributeValue.Text(String text) -> text.getBytes(StandardCharsets.UTF_8);
                    case AttributeValue.Bool(boolean bool) -> new byte[] {(byte) (bool ? 1 : 0)};
                    case AttributeValue.Int(long integer) -> littleEndian(integer);
                    case AttributeValue.Real(double real) ->
                            littleEndian(Double.doubleToRawLongBits(real));
                    case AttributeValue.Empty empty -> null;
                    case AttributeValue.Binary binary -> null;
                    case AttributeValue.Array array -> null;
                    case AttributeValue.Nested nested -> null;
                };
        return new AttributeValue.Text(bytes == null ? "" : sha256(bytes));
    }

    private static byte[] littleEndian(long value) {
        return ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static Deed extracting(String key, Regex regex) {
        Map<String, Integer> names = regex.names();
        if (names.isEmpty() || names.size() < regex.groups()) {
            throw new IllegalArgumentException(
                    "each group of the pattern needs a name of its own: (?P<name>...)");
        }
        return attributes -> {
            Matcher match =
                    attributes.find(key) instanceof AttributeValue.Text(String text)
                            ? regex.first(text)
                            : null;
            if (match == null) {
                return;
            }
            names.entrySet().stream()
                    .sorted(Map.Entry.comparingByValue())
                    .forEach(name -> {
                        String found = match.group(name.getValue());
                        attributes.put(
                                name.getKey(), new AttributeValue.Text(found == null ? "" : found));
                    });
        };
    }

    /// The value itself where it cannot be converted.
    private static AttributeValue converted(AttributeValue value, String type) {
        return switch (type) {
            case "string" ->
                    value instanceof AttributeValue.Text
                            ? value
                            : new AttributeValue.Text(GoText.asString(value));
            case "int" ->
                    switch (value) {
                        case AttributeValue.Real(double real) ->
                                new AttributeValue.Int((long) real);
                        case AttributeValue.Bool(boolean bool) ->
                                new AttributeValue.Int(bool ? 1 : 0);
                        case AttributeValue.Text(String text) -> {
                            Long parsed = Numerals.parseInt(text);
                            yield parsed == null ? value : new AttributeValue.Int(parsed);
                        }
                        default -> value;
                    };
            default ->
                    switch (value) {
                        case AttributeValue.Int(long integer) ->
                                new AttributeValue.Real((double) integer);
                        case AttributeValue.Bool(boolean bool) ->
                                new AttributeValue.Real(bool ? 1 : 0);
                        case AttributeValue.Text(String text) -> {
                            Double parsed = Numerals.parseReal(text);
                            yield parsed == null ? value : new AttributeValue.Real(parsed);
                        }
                        default -> value;
                    };
        };
    }
}

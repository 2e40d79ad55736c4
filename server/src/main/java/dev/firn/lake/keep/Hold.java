package dev.firn.lake.keep;

import dev.firn.base.InputException;
import dev.firn.base.WorldException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.iceberg.TableMetadata;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A legal hold on a table: a tag without maximum age that keeps one snapshot, and a table property
/// of the same name (`firn.hold.<name>`) that says which rows no retention and no erasure may take,
/// those that came later included.
///
/// @param where what it covers
/// @param created when it was made
public record Hold(String name, Where where, Instant created) {
    /// Begins the names of tags and properties.
    public static final String PREFIX = "firn.hold.";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    public Hold {
        if (!NAME.matcher(name).matches()) {
            throw new InputException(
                    "\""
                            + name
                            + "\" is not a hold's name: up to 64 letters, digits, dots, hyphens"
                            + " and underscores");
        }
    }

    /// Name of the tag and of the property.
    String key() {
        return PREFIX + name;
    }

    /// Value of the property: `{"created":"…","where":"…"}`.
    String toJson() {
        var fields = new LinkedHashMap<String, String>();
        fields.put("created", created.toString());
        fields.put("where", where.text());
        return MAPPER.writeValueAsString(fields);
    }

    static Hold fromJson(String name, String json) {
        try {
            JsonNode fields = MAPPER.readTree(json);
            return new Hold(
                    name,
                    Where.parse(fields.get("where").asString()),
                    Instant.parse(fields.get("created").asString()));
        } catch (JacksonException | java.time.DateTimeException | NullPointerException e) {
            throw new WorldException(
                    "cannot read hold \""
                            + name
                            + "\": its table property \""
                            + PREFIX
                            + name
                            + "\" is "
                            + json
                            + "; nothing may be dropped while nobody knows what it covers",
                    e);
        }
    }

    /// All holds of a table, by name.
    static List<Hold> of(Map<String, String> properties) {
        var holds = new ArrayList<Hold>();
        properties.keySet().stream()
                .filter(key -> key.startsWith(PREFIX))
                .sorted()
                .forEach(key ->
                        holds.add(
                                fromJson(
                                        key.substring(PREFIX.length()),
                                        java.util.Objects.requireNonNull(properties.get(key)))));
        return holds;
    }

    static List<Hold> of(TableMetadata table) {
        return of(table.properties());
    }
}

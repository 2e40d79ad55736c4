package dev.firn.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.config.AttributeAction;
import dev.firn.config.AttributeAction.Kind;
import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import dev.firn.process.identity.AttributeMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AttributeActionsTest {
    private static AttributeAction action(
            Kind kind,
            String key,
            @Nullable Object value,
            String from,
            String pattern,
            String type,
            @Nullable Object otherwise) {
        return new AttributeAction(kind, key, value, from, pattern, type, otherwise, "f:1", "p");
    }

    private static AttributeAction value(Kind kind, String key, Object value) {
        return action(kind, key, value, "", "", "", null);
    }

    private static String after(AttributeAction... actions) {
        var map = new AttributeMap();
        map.reset(
                Attributes.of(
                        List.of(
                                entry("count", new AttributeValue.Text("12")),
                                entry("flag", new AttributeValue.Bool(true)),
                                entry("user", new AttributeValue.Text("ann@example.com")))));
        var problems = new ArrayList<String>();
        new AttributeActions(List.of(actions), problems).apply(map);
        assertThat(problems).isEmpty();
        return map.toAttributes().toJson();
    }

    private static Attributes.Entry entry(String key, AttributeValue value) {
        return new Attributes.Entry(key, value);
    }

    @Test
    void insertUpdateAndUpsertDifferInWhatIsThere() {
        assertThat(after(value(Kind.INSERT, "flag", "x"), value(Kind.INSERT, "new", "x")))
                .isEqualTo(
                        "{\"count\":\"12\",\"flag\":true,\"new\":\"x\","
                                + "\"user\":\"ann@example.com\"}");
        assertThat(after(value(Kind.UPDATE, "flag", "x"), value(Kind.UPDATE, "new", "x")))
                .isEqualTo("{\"count\":\"12\",\"flag\":\"x\",\"user\":\"ann@example.com\"}");
        assertThat(after(value(Kind.UPSERT, "flag", 1L), value(Kind.UPSERT, "new", false)))
                .isEqualTo(
                        "{\"count\":\"12\",\"flag\":1,\"new\":false,"
                                + "\"user\":\"ann@example.com\"}");
        assertThat(after(value(Kind.UPSERT, "flag", Map.of("a", List.of(1L, 2.5)))))
                .contains("\"flag\":{");
    }

    @Test
    void valuesComeFromAttributesOrTheirDefault() {
        assertThat(after(action(Kind.UPSERT, "who", null, "user", "", "", null)))
                .contains("\"who\":\"ann@example.com\"");
        assertThat(after(action(Kind.UPSERT, "who", null, "none", "", "", null)))
                .doesNotContain("who");
        assertThat(after(action(Kind.UPSERT, "who", null, "none", "", "", "nobody")))
                .contains("\"who\":\"nobody\"");
    }

    @Test
    void deleteAndHashTakeKeysAndPatterns() {
        assertThat(after(action(Kind.DELETE, "flag", null, "", "^c", "", null)))
                .isEqualTo("{\"user\":\"ann@example.com\"}");
        assertThat(after(action(Kind.HASH, "count", null, "", "", "", null)))
                .contains(
                        "\"count\":"
                                + "\"6b51d431df5d7f141cbececcf79edf3dd861c3b4069f0b11661a3eefacbba918\"");
        assertThat(after(action(Kind.HASH, "", null, "", "^flag$", "", null)))
                .contains(
                        "\"flag\":"
                                + "\"4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a\"");
    }

    @Test
    void extractSetsWhatItsGroupsFind() {
        assertThat(
                        after(
                                action(
                                        Kind.EXTRACT,
                                        "user",
                                        null,
                                        "",
                                        "^(?P<name>.*)@(?P<flag>.*)$",
                                        "",
                                        null)))
                .isEqualTo(
                        "{\"count\":\"12\",\"flag\":\"example.com\",\"name\":\"ann\","
                                + "\"user\":\"ann@example.com\"}");
        var problems = new ArrayList<String>();
        var _ =
                new AttributeActions(
                        List.of(action(Kind.EXTRACT, "user", null, "", "(a)(?P<b>b)", "", null)),
                        problems);
        assertThat(problems)
                .containsExactly(
                        "f:1: p.pattern: each group of the pattern needs a name of its own:"
                                + " (?P<name>...)");
    }

    @Test
    void convertLeavesWhatItCannotConvert() {
        assertThat(after(action(Kind.CONVERT, "count", null, "", "", "int", null)))
                .contains("\"count\":12");
        assertThat(after(action(Kind.CONVERT, "user", null, "", "", "int", null)))
                .contains("\"user\":\"ann@example.com\"");
        assertThat(after(action(Kind.CONVERT, "flag", null, "", "", "double", null)))
                .contains("\"flag\":1.0");
        assertThat(after(action(Kind.CONVERT, "flag", null, "", "", "string", null)))
                .contains("\"flag\":\"true\"");
    }
}

package dev.firn.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Forall;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AttributesTest {
    private static final String[] KEYS = {
        "", "a", "b", "$", "$map", "$bytes", "$double", "$other", "é", "\uffee", "😀", "\u0000",
        "\"\\"
    };
    private static final String[] TEXTS = {
        "",
        "NaN",
        "NaN:7ff8000000000001",
        "Infinity",
        "AAEC",
        "text",
        "😀\u2028\u001f\n",
        "\"\\/",
        "null"
    };
    private static final long[] DOUBLES = {
        0x7ff8000000000000L,
        0x7ff0000000000002L,
        0xfff8000000000000L,
        0x7ff8000000000001L,
        0x7ff0000000000000L,
        0xfff0000000000000L,
        0x8000000000000000L,
        1L,
        0x3ff0000000000000L
    };

    @Test
    void readingGivesBackWhatWasWritten() {
        Forall.of(
                20_000,
                21,
                random -> {
                    Attributes before = Attributes.of(entries(random, 0));
                    String json = before.toJson();
                    Attributes after = Attributes.fromJson(json);
                    assertThat(after).isEqualTo(before);
                    assertThat(after.toJson()).isEqualTo(json);
                });
    }

    @Test
    void differentAttributesHaveDifferentTexts() {
        Forall.of(
                20_000,
                22,
                random -> {
                    Attributes one = Attributes.of(entries(random, 1));
                    Attributes other = Attributes.of(entries(random, 1));
                    assertThat(one.toJson().equals(other.toJson())).isEqualTo(one.equals(other));
                });
    }

    @Test
    void orderDoesNotMatter() {
        Forall.of(
                2_000,
                23,
                random -> {
                    var entries = new ArrayList<>(Attributes.of(entries(random, 0)).entries());
                    Attributes before = Attributes.of(entries);
                    Collections.shuffle(entries, random);
                    assertThat(Attributes.of(entries)).isEqualTo(before);
                });
    }

    @Test
    void keysAreInTheOrderOfTheirUtf8Bytes() {
        Forall.of(
                2_000,
                24,
                random -> {
                    List<Attributes.Entry> sorted = Attributes.of(entries(random, 2)).entries();
                    for (int i = 1; i < sorted.size(); i++) {
                        assertThat(
                                        Arrays.compareUnsigned(
                                                utf8(sorted.get(i - 1)), utf8(sorted.get(i))))
                                .isNegative();
                    }
                    for (Attributes.Entry entry : sorted) {
                        assertThat(Attributes.of(sorted).find(entry.key())).contains(entry.value());
                    }
                });
    }

    private static byte[] utf8(Attributes.Entry entry) {
        return entry.key().getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void ofARepeatedKeyTheFirstCounts() {
        var attributes =
                Attributes.of(
                        List.of(
                                new Attributes.Entry("b", new AttributeValue.Int(1)),
                                new Attributes.Entry("a", new AttributeValue.Int(2)),
                                new Attributes.Entry("b", new AttributeValue.Int(3))));
        assertThat(attributes.toJson()).isEqualTo("{\"a\":2,\"b\":1}");
    }

    @Test
    void halfASurrogatePairIsWrittenAsTheReplacementCharacter() {
        for (String text : List.of("\ud83d", "\ude00", "\ude00\ud83d", "\ud83d\ud83d\ude00")) {
            var attributes =
                    Attributes.of(
                            List.of(new Attributes.Entry("a", new AttributeValue.Text(text))));
            String json = attributes.toJson();
            assertThat(new String(json.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))
                    .isEqualTo(json)
                    .contains("\ufffd");
        }
    }

    @Test
    void deepValuesComeBack() {
        AttributeValue value = new AttributeValue.Int(1);
        for (int i = 0; i < 90; i++) {
            value = new AttributeValue.Array(List.of(value));
        }
        var attributes = Attributes.of(List.of(new Attributes.Entry("a", value)));
        assertThat(Attributes.fromJson(attributes.toJson())).isEqualTo(attributes);
    }

    @Test
    void veryLongKeysAndTextsComeBack() {
        var attributes =
                Attributes.of(
                        List.of(
                                new Attributes.Entry(
                                        "k".repeat(200_000),
                                        new AttributeValue.Text("t".repeat(3_000_000)))));
        assertThat(Attributes.fromJson(attributes.toJson())).isEqualTo(attributes);
    }

    private static List<Attributes.Entry> entries(Random random, int depth) {
        var entries = new ArrayList<Attributes.Entry>();
        for (int i = random.nextInt(4); i > 0; i--) {
            entries.add(
                    new Attributes.Entry(
                            KEYS[random.nextInt(KEYS.length)], value(random, depth + 1)));
        }
        return entries;
    }

    private static AttributeValue value(Random random, int depth) {
        return switch (random.nextInt(depth > 4 ? 6 : 9)) {
            case 0 -> new AttributeValue.Empty();
            case 1 -> new AttributeValue.Text(TEXTS[random.nextInt(TEXTS.length)]);
            case 2 -> new AttributeValue.Bool(random.nextBoolean());
            case 3 -> new AttributeValue.Int(random.nextLong() >> random.nextInt(64));
            case 4 ->
                    new AttributeValue.Real(
                            Double.longBitsToDouble(
                                    random.nextBoolean()
                                            ? DOUBLES[random.nextInt(DOUBLES.length)]
                                            : random.nextLong()));
            case 5 -> {
                byte[] bytes = new byte[random.nextInt(5)];
                random.nextBytes(bytes);
                yield new AttributeValue.Binary(bytes);
            }
            case 6 -> {
                var values = new ArrayList<AttributeValue>();
                for (int i = random.nextInt(3); i > 0; i--) {
                    values.add(value(random, depth + 1));
                }
                yield new AttributeValue.Array(values);
            }
            default -> new AttributeValue.Nested(Attributes.of(entries(random, depth)));
        };
    }
}

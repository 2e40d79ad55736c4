package dev.firn.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.InputException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LabelMatchTest {
    private static boolean fits(String matcher, String value) {
        return LabelMatch.parse(matcher).fits(Map.of("a", value));
    }

    @Test
    void fourOperators() {
        assertThat(fits("a=\"x.y\"", "x.y")).isTrue();
        assertThat(fits("a = x.y", "xzy")).isFalse();
        assertThat(fits("a!=\"x\"", "y")).isTrue();
        assertThat(fits("a!=x", "x")).isFalse();
        assertThat(fits("a=~\"x.*|z\"", "xyz")).isTrue();
        assertThat(fits("a=~\"x\"", "xx")).as("expressions match the whole value").isFalse();
        assertThat(fits("a!~\"x|y\"", "y")).isFalse();
        assertThat(LabelMatch.parse("b=\"\"").fits(Map.of("a", "x")))
                .as("absent is empty")
                .isTrue();
        assertThat(fits("a=\"say \\\"x\\\" \\\\\"", "say \"x\" \\")).isTrue();
    }

    @Test
    void itsTextIsReadAgain() {
        for (String text :
                new String[] {"a=\"x\"", "a!~\"x\\\\d\\\"|y\"", "a=~\"\"", "a!=\"é 😀\""}) {
            LabelMatch match = LabelMatch.parse(text);
            assertThat(match.text()).isEqualTo(text);
            assertThat(LabelMatch.parse(match.text()).value()).isEqualTo(match.value());
        }
    }

    @Test
    void whatIsNoMatcherIsSaid() {
        for (String text :
                new String[] {"", "a", "a==\"x\"", "1a=x", "a=\"x\" b", "a=\"x", "a.b=x"}) {
            assertThatThrownBy(() -> LabelMatch.parse(text))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("is no matcher like");
        }
        assertThatThrownBy(() -> LabelMatch.parse("a=~\"(\""))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("is no regular expression");
    }
}

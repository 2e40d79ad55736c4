package dev.firn.query.promql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.query.promql.lang.Features;
import dev.firn.query.promql.lang.ParseException;
import dev.firn.query.promql.lang.Parser;
import dev.firn.query.promql.lang.Printer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ParserTest {
    private static String print(String query) {
        return Printer.print(Parser.parse(query, Features.ALL));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sum by (job) (rate(x_total{a=\"b\",c!~\"d.*\"}[5m] offset 1h))",
                "topk(3, x @ 12.500 offset -5m)",
                "a / on (l) group_left (m) b",
                "a == bool 1",
                "-x ^ 2",
                "(a or b) unless c",
                "max_over_time(rate(x[1m])[1h:30s] @ end())",
                "x[step() * 2]",
                "rate(x[5m] anchored)",
                "a + fill_left (1) fill_right (2) b",
                "{\"utf8.name\",\"a.b\"=\"c\"}",
                "count_values(\"v\", x)",
                "h </ 5",
                "quantile without (a, b) (0.9, x)",
                "label_replace(x, \"a\", \"$1\", \"b\", \"(.*)\\\\.x\")",
                "1 - 2 - 3",
                "sum(fill + fill)"
            })
    void printsWhatItParses(String query) {
        assertThat(print(print(query))).isEqualTo(print(query));
        if (!query.startsWith("{")) {
            assertThat(print(query)).isEqualTo(query);
        }
    }

    @Test
    void numbersAndDurationsAreGos() {
        assertThat(print("0x1F + 010 + 1_000 + 1e3 + .5")).isEqualTo("31 + 8 + 1000 + 1000 + 0.5");
        assertThat(print("x[90s]")).isEqualTo("x[1m30s]");
        assertThat(print("1d1h + 1w")).isEqualTo("1d1h + 1w");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "rats(x[5m])|1:1: parse error: unknown function with name \"rats\", did you mean \"rate\"?",
                "rate(x)|1:6: parse error: expected type range vector in call to function \"rate\", got instant vector",
                "sum(x|1:6: parse error: unclosed left parenthesis",
                "x{a=}|1:5: parse error: unexpected \"}\" in label matching, expected string",
                "x[5m|1:5: parse error: unclosed left bracket",
                "1 == 2|1:1: parse error: comparisons between scalars must use BOOL modifier",
                "{a=\"\"}|1:1: parse error: vector selector must contain at least one non-empty matcher",
                "x and 1|1:1: parse error: set operator \"and\" not allowed in binary scalar expression",
                "x[5m] offset 1m offset 2m|1:1: parse error: offset may not be set multiple times",
                "sum(x) by|1:10: parse error: unexpected end of input in grouping opts, expected \"(\"",
                "x{a=~\"(\"}|1:3: parse error: error parsing regexp: missing closing )",
                "x[0s]|1:3: parse error: duration must be greater than 0",
                "foo bar|1:5: parse error: unexpected identifier \"bar\"",
                "clamp(x)|1:1: parse error: expected 3 argument(s) in call to \"clamp\", got 1"
            })
    void errorsNameTheirPlace(String query, String message) {
        assertThatThrownBy(() -> Parser.parse(query, Features.ALL))
                .isInstanceOf(ParseException.class)
                .hasMessage(message);
    }

    @Test
    void experimentsNeedTheirFlag() {
        for (String query :
                new String[] {
                    "mad_over_time(x[5m])",
                    "limitk(1, x)",
                    "x[step()]",
                    "x smoothed",
                    "a + fill(0) b"
                }) {
            assertThat(print(query)).isNotEmpty();
            assertThatThrownBy(() -> Parser.parse(query, Features.STABLE))
                    .isInstanceOf(ParseException.class);
        }
    }

    @Test
    void longExpressionsAreSplit() {
        String inner = "a_rather_long_metric_name_total{label=\"value\",other=\"value\"}";
        String query = "sum by (label) (rate(" + inner + "[5m])) / count(" + inner + ")";
        assertThat(Printer.pretty(Parser.parse(query, Features.ALL)))
                .isEqualTo("  sum by (label) (rate(" + inner + "[5m]))\n/\n  count(" + inner + ")");
    }

    /// Whatever comes in: a tree that prints and parses again, or a ParseException.
    @Test
    void noTextBreaksTheParser() {
        String[] words = {
            "sum",
            "(",
            ")",
            "x",
            "[",
            "5m",
            "]",
            ":",
            "{",
            "}",
            "a",
            "=",
            "\"v\"",
            "=~",
            "by",
            "on",
            "offset",
            "@",
            "1",
            "-",
            "^",
            "and",
            "rate",
            ",",
            "group_left",
            "bool",
            "fill",
            "start",
            "'",
            "\\",
            "é",
            "1e",
            "0x",
            "#",
            "<",
            "/",
            "\n",
            "step",
            "smoothed"
        };
        var random = new Random(7);
        for (int round = 0; round < 50_000; round++) {
            var text = new StringBuilder();
            for (int i = random.nextInt(12); i >= 0; i--) {
                text.append(words[random.nextInt(words.length)]).append(' ');
            }
            try {
                String once = print(text.toString());
                assertThat(print(once)).isEqualTo(once);
            } catch (ParseException e) {
                assertThat(e).hasMessageContaining("parse error: ");
            }
        }
    }

    @Test
    void deepNestingIsRefused() {
        String query = "(".repeat(20_000) + "1" + ")".repeat(20_000);
        assertThatThrownBy(() -> Parser.parse(query, Features.ALL))
                .isInstanceOf(ParseException.class)
                .hasMessageContaining("nested too deeply");
    }
}

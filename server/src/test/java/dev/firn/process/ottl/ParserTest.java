package dev.firn.process.ottl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.firn.base.Forall;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ParserTest {
    private static final String[] PIECES = {
        "set",
        "(",
        ")",
        "attributes",
        "[",
        "]",
        "\"a\"",
        "metric.name",
        ".",
        ",",
        "where",
        "==",
        "and",
        "or",
        "not",
        "nil",
        "1",
        "1.5",
        "0x0a",
        "-",
        "+",
        "*",
        "/",
        "{",
        "}",
        ":",
        "=>",
        "=",
        "IsMatch",
        "Concat",
        "METRIC_DATA_TYPE_SUM",
        "true",
        "<",
        ">=",
        "datapoint",
        "resource",
        "delete_key",
        "\"\\\\d\"",
        " ",
        "\"",
        "\\",
        "'",
        "é",
        "target",
        "9999999999999999999"
    };

    @Test
    void wellFormedStatementsAreRead() {
        for (String text :
                List.of(
                        "set(metric.name, \"a\")",
                        "set(attributes[\"a\"][\"b\"][0], nil) where not IsMatch(name, \"^x\")",
                        "set(target=attributes[\"a\"], value=-1.5e3)",
                        "keep_keys(attributes, [\"a\", \"b\"]) where (1 + 2) * 3 == 9 and (true)",
                        "set(cache[\"x\"], {\"k\": [1, 0xff, {}], \"l\": .5})",
                        "set(attributes[\"a\"], Concat([\"x\", Int(y)], \"\")[0])",
                        "set(a, 1) where a == 1 or b != nil and not (c < 2 or true)",
                        "set(time, time - start_time)",
                        "set(attributes[Concat([\"a\"], \"\")], METRIC_DATA_TYPE_SUM)",
                        "set ( a . b , + ( 1 - - 2 ) )")) {
            assertThat(Parser.statement(text)).as(text).isNotNull();
        }
    }

    @Test
    void mistakesAreSaidWithTheirPlace() {
        mistake("set(metric.name, 'a')", 17, "unexpected character \"'\"; texts stand in double");
        mistake("set(a, \"\\d\")", 8, "\"\\d\" is no escape; for a backslash");
        mistake("set(a, \"open", 7, "no closing quote");
        mistake("set(a, 1", 8, "expected \",\" or \")\", found the end");
        mistake("set(a 1)", 6, "expected \",\" or \")\", found \"1\"");
        mistake("Set(a, 1)", 0, "a statement begins with an editor");
        mistake("set(a, lower(b))", 7, "converters begin with an uppercase letter");
        mistake("set(a, 1)[0]", 9, "only paths and converters may be indexed");
        mistake("set(a, 1) where a", 17, "expected a comparison");
        mistake("set(a, 1) where a = 1", 18, "expected a comparison");
        mistake("set(a, 1) and b", 10, "expected the end, found \"and\"");
        mistake("set(a, 0xabc)", 7, "even number of hexadecimal digits");
        mistake("set(a, 9999999999999999999)", 7, "does not fit into a 64-bit integer");
        mistake("set(a, (x) => x)", 7, "lambda expressions are not supported");
        mistake("set(a, {b: 1})", 8, "expected a key in double quotes");
        mistake("set(metric.Name, 1)", 11, "expected a name in lowercase letters");
        mistake("", 0, "expected a statement such as set(…)");
        mistake("set(a, " + "(".repeat(300) + "1" + ")".repeat(300) + ")", -1, "nested deeper");
        mistake("set(a, \"" + "x".repeat(70_000) + "\")", 0, "longer than 65536 characters");
    }

    private static void mistake(String text, int at, String message) {
        Mistake mistake = catchThrowableOfType(Mistake.class, () -> Parser.statement(text));
        assertThat(mistake).as(text).isNotNull();
        assertThat(mistake.text()).contains(message);
        if (at >= 0) {
            assertThat(mistake.at()).as(text).isEqualTo(at);
        }
    }

    @Test
    void escapesOfTextsAreThoseOfGo() {
        var statement =
                Parser.statement("set(a, \"\\a\\n\\t\\\\\\\"\\x41\\u00e9\\U0001F600\\101\")");
        assertThat(statement.editor().arguments().get(1).value())
                .isEqualTo(
                        new Syntax.Literal(
                                7, new dev.firn.model.AttributeValue.Text("\u0007\n\t\\\"Aé😀A")));
    }

    /// Whatever is written, the answer is a tree or a mistake with a place in the text.
    @Test
    void anyTextIsReadOrRefused() {
        Forall.of(
                20_000,
                11,
                random -> {
                    String text = garbled(random);
                    for (List<Problem> problems :
                            List.of(
                                    Ottl.check(null, List.of(), List.of(text)).problems(),
                                    Ottl.check(Context.DATAPOINT, List.of(text), List.of(text))
                                            .problems())) {
                        assertThat(problems)
                                .allSatisfy(problem ->
                                        assertThat(problem.column())
                                                .isBetween(1, text.length() + 1));
                    }
                });
    }

    private static String garbled(Random random) {
        var text = new StringBuilder();
        if (random.nextBoolean()) {
            text.append("set(attributes[\"a\"], Concat([\"x\", 1 + 2], \"-\")) where a == 1");
            for (int i = random.nextInt(4); i >= 0; i--) {
                int at = random.nextInt(text.length());
                if (random.nextBoolean()) {
                    text.deleteCharAt(at);
                } else {
                    text.insert(at, PIECES[random.nextInt(PIECES.length)]);
                }
            }
        } else {
            for (int i = random.nextInt(20); i >= 0; i--) {
                text.append(PIECES[random.nextInt(PIECES.length)]);
            }
        }
        return text.toString();
    }

    @Test
    void nestingDoesNotTakeExponentialTime() {
        String deep = "(".repeat(90) + "IsMatch(a, \"x\")" + ")".repeat(90);
        assertThat(Parser.condition(deep + " and " + deep)).isNotNull();
        String calls = "A(1 + ".repeat(60) + "1" + ")".repeat(60);
        assertThat(Parser.condition(calls + " == 1")).isNotNull();
    }
}

package dev.firn.process.ottl;

import dev.firn.model.AttributeValue;
import java.util.function.Function;

/// Pattern arguments: compiled once where they are literals, else for each subject.
final class Patterns {
    private Patterns() {}

    static Function<Subject, Regex> regex(Arguments arguments, String name) {
        return pattern(arguments, name, Regex::of);
    }

    static Function<Subject, Regex> glob(Arguments arguments, String name) {
        return pattern(arguments, name, Glob::of);
    }

    private static Function<Subject, Regex> pattern(
            Arguments arguments, String name, Function<String, Regex> compile) {
        Checked pattern = arguments.value(name).mustBe(Type.TEXT);
        if (pattern.value() instanceof AttributeValue.Text(String text)) {
            try {
                Regex compiled = compile.apply(text);
                return subject -> compiled;
            } catch (IllegalArgumentException e) {
                throw new Mistake(pattern.at(), String.valueOf(e.getMessage()));
            }
        }
        Expression run = pattern.run();
        return subject -> {
            try {
                return compile.apply(Values.asText(run.value(subject)));
            } catch (IllegalArgumentException e) {
                throw new EvaluationException(String.valueOf(e.getMessage()));
            }
        };
    }
}

package dev.firn.process;

import dev.firn.base.Clock;
import dev.firn.config.ErrorMode;
import dev.firn.config.Statement;
import dev.firn.config.StatementGroup;
import dev.firn.process.ottl.Context;
import dev.firn.process.ottl.Ottl;
import dev.firn.process.ottl.Problem;
import java.util.List;

/// What processors need to be made.
///
/// @param warnings takes what is left out
record Kit(ProcessMetrics metrics, Clock clock, List<String> warnings) {
    ErrorHandling errors(String processor, ErrorMode mode) {
        return new ErrorHandling(processor, mode, metrics.errors.labelValues(processor), clock);
    }

    /// Statements of `transform`.
    Ottl.Group check(StatementGroup group, List<String> problems) {
        return reported(
                group,
                Ottl.check(
                        Context.named(group.context()),
                        texts(group.conditions()),
                        texts(group.statements())),
                problems);
    }

    /// Conditions of `filter`.
    Ottl.Group checkConditions(StatementGroup group, List<String> problems) {
        return reported(
                group,
                Ottl.checkConditions(Context.named(group.context()), texts(group.conditions())),
                problems);
    }

    private Ottl.Group reported(StatementGroup group, Ottl.Group checked, List<String> problems) {
        for (Problem problem : checked.problems()) {
            List<Statement> texts =
                    problem.inConditions() ? group.conditions() : group.statements();
            String message = texts.get(problem.index()).message(problem.toString());
            (problem.warning() ? warnings : problems).add(message);
        }
        return checked;
    }

    private static List<String> texts(List<Statement> statements) {
        return statements.stream().map(Statement::text).toList();
    }
}
